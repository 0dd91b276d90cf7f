#include "harness/strict_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace soakline {
namespace {

// Levenshtein's edit distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

const toml::node* StrictTable::get(std::string_view key) {
  known_.emplace(key);
  return table_->get(key);
}

std::optional<std::string> StrictTable::text(std::string_view key) {
  const toml::node* node = get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_string()) fail(key, "must be a text in quotes");
  return **node->as_string();
}

std::optional<double> StrictTable::number(std::string_view key) {
  const toml::node* node = get(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value<double>();
  if (!node->is_number() || !value) fail(key, "must be a number, without quotes");
  return *value;
}

std::optional<std::int64_t> StrictTable::integer(std::string_view key) {
  const toml::node* node = get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_integer()) fail(key, "must be a whole number, without quotes");
  return **node->as_integer();
}

std::optional<bool> StrictTable::boolean(std::string_view key) {
  const toml::node* node = get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_boolean()) fail(key, "must be true or false, without quotes");
  return **node->as_boolean();
}

std::optional<std::vector<std::string>> StrictTable::texts(std::string_view key) {
  const toml::node* node = get(key);
  if (node == nullptr) return std::nullopt;
  const toml::array* array = node->as_array();
  if (array == nullptr) fail(key, "must be a list of texts, such as [\"a\", \"b\"]");
  std::vector<std::string> values;
  for (const toml::node& element : *array) {
    if (!element.is_string()) fail(key, "must hold texts in quotes only");
    values.push_back(**element.as_string());
  }
  return values;
}

std::optional<StrictTable> StrictTable::table(std::string_view key) {
  const toml::node* node = get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_table()) fail(key, "must be a table, such as { tcp = \"7000\" }");
  StrictTable inner(file_, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key),
                    *node->as_table());
  inner.name_ = key;
  return inner;
}

std::vector<StrictTable> StrictTable::tables(std::string_view key) {
  std::vector<StrictTable> found;
  if (auto outer = table(key))
    for (const std::string& name : outer->keys()) found.push_back(*outer->table(name));
  return found;
}

std::vector<StrictTable> StrictTable::listed(std::string_view key) {
  std::vector<StrictTable> found;
  const toml::node* node = get(key);
  if (node == nullptr) return found;
  if (!node->is_array_of_tables()) fail(key, fmt::format("must be written as [[{}]], once for each", key));
  for (const toml::node& element : *node->as_array())
    found.emplace_back(file_, std::string(key), *element.as_table());
  return found;
}

const toml::node* StrictTable::any(std::string_view key) {
  return get(key);
}

std::string StrictTable::required_text(std::string_view key, std::string_view example) {
  auto value = text(key);
  if (!value || value->empty()) fail(key, fmt::format("is missing; write {} = {}", key, example));
  return *value;
}

void StrictTable::refuse_unknown() const {
  for (const std::string& key : keys()) {
    if (known_.contains(key)) continue;
    const auto nearest = std::min_element(known_.begin(), known_.end(), [&](const auto& a, const auto& b) {
      return distance(key, a) < distance(key, b);
    });
    if (nearest != known_.end() && distance(key, *nearest) <= 2)
      fail(key, fmt::format("unknown key; did you mean '{}'?", *nearest));
    fail(key, fmt::format("unknown key; known here: {}", fmt::join(known_, ", ")));
  }
}

void StrictTable::fail(std::string_view key, std::string_view message) const {
  const toml::node* node = table_->get(key);
  const auto line = (node != nullptr ? node->source() : table_->source()).begin.line;
  throw ScenarioError(fmt::format("{}:{}: {}{}: {}", file_, line,
                                  path_.empty() ? "" : fmt::format("[{}] ", path_), key, message));
}

std::vector<std::string> StrictTable::keys() const {
  std::vector<std::pair<toml::source_position, std::string>> written;
  for (const auto& [key, value] : *table_) written.emplace_back(key.source().begin, std::string(key.str()));
  std::sort(written.begin(), written.end());  // as they stand in the file
  std::vector<std::string> names;
  for (auto& [position, name] : written) names.push_back(std::move(name));
  return names;
}

}  // namespace soakline
