#include "harness/load_account.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>

namespace soakline {

LoadAccount::LoadAccount(const std::string& operations) {
  if (!operations.empty()) expression_ = std::make_unique<RE2>(operations, RE2::Quiet);
}

LoadAccount::~LoadAccount() = default;

std::optional<nlohmann::json> LoadAccount::read(std::string_view line) {
  auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) {
    read_words(line);
    return std::nullopt;
  }
  const auto number = [&json](const char* name, double& value) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number()) return false;
    value = *found;
    return true;
  };
  number("answered", operations_);
  if (number("failed", failures_) && std::isnan(operations_)) operations_ = 0;
  if (const auto idle = json.find("idle"); idle != json.end() && idle->is_boolean()) idle_ = *idle;
  latest_ = json;
  return json;
}

void LoadAccount::read_words(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  last_words_ = line.substr(0, 500);
  const re2::StringPiece text(line.data(), line.size());
  if (!expression_) return;
  double so_far = 0;
  if (expression_->NumberOfCapturingGroups() == 0) {
    if (RE2::PartialMatch(text, *expression_)) operations_ = std::isnan(operations_) ? 1 : operations_ + 1;
  } else if (RE2::PartialMatch(text, *expression_, &so_far)) {
    // Fewer than before is a summary of something else.
    operations_ = std::isnan(operations_) ? so_far : std::max(operations_, so_far);
  }
}

}  // namespace soakline
