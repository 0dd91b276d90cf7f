#include "harness/load_verdict.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace soakline {
namespace {

void say(RunResult& result, const std::string& text) {
  if (!result.message.empty()) result.message += "; ";
  result.message += text;
}

double count(const nlohmann::json& account, const char* name) {
  const auto found = account.find(name);
  return found != account.end() && found->is_number() ? found->get<double>() : 0;
}

// "3 messages without an explanation, 1 duplicated", "" where all is accounted for.
std::string losses(const nlohmann::json& account) {
  const auto deliveries = account.find("deliveries");
  const bool delivered = deliveries != account.end() && deliveries->is_object();
  std::vector<std::string> parts;
  if (const double lost = count(account, "unexplained"); lost > 0)
    parts.push_back(fmt::format("{:.0f} unanswered or not delivered, and nobody knows why", lost));
  for (const char* what : {"duplicated", "corrupted", "reordered"})
    if (const double number = count(account, what) + (delivered ? count(*deliveries, what) : 0); number > 0)
      parts.push_back(fmt::format("{:.0f} {}", number, what));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

void apply_load(RunResult& result, const nlohmann::json& account) {
  result.load = account;
  if (!account.is_object()) return;
  if (const std::string lost = losses(account); !lost.empty()) say(result, "messages of the load: " + lost);
  const auto reasons = account.find("invalid_because");
  if (reasons == account.end() || !reasons->is_array() || reasons->empty()) return;
  say(result, fmt::format("the load cannot be believed: {}",
                          reasons->front().is_string() ? reasons->front().get<std::string>() : "it says so"));
  if (result.verdict != Verdict::fail) result.verdict = Verdict::invalid;
}

}  // namespace soakline
