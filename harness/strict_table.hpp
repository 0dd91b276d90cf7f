// A TOML table that knows where each key stands and refuses those nobody asked for.
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario.hpp"

namespace soakline {

class StrictTable {
 public:
  // `path`: the table's name as written, such as "target.ready"; empty at the top.
  StrictTable(std::string file, std::string path, const toml::table& table)
      : file_(std::move(file)), path_(std::move(path)), name_(path_), table_(&table) {}

  // Each reads a key and counts it as known; nothing if it is absent, ScenarioError if it has another type.
  std::optional<std::string> text(std::string_view key);
  std::optional<double> number(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::vector<std::string>> texts(std::string_view key);
  std::optional<StrictTable> table(std::string_view key);
  std::vector<StrictTable> tables(
      std::string_view key);  // every value of the table `key` must be a table itself
  std::vector<StrictTable> listed(std::string_view key);  // as [[key]] writes them
  const toml::node* any(std::string_view key);

  // A text read by one of the parsers of units/quantity.hpp, whose errors gain file, line and key.
  template <class Parse>
  auto quantity(std::string_view key, Parse parse) -> std::optional<decltype(parse(std::string_view()))> {
    const auto written = text(key);
    if (!written) return std::nullopt;
    try {
      return parse(*written);
    } catch (const QuantityError& error) {
      fail(key, error.what());
    }
  }

  std::string required_text(std::string_view key, std::string_view example);

  // ScenarioError for a key that was not read, with the nearest that could have been meant.
  void refuse_unknown() const;

  // "FILE:LINE: [path] key: message".
  [[noreturn]] void fail(std::string_view key, std::string_view message) const;

  const std::string& name() const { return name_; }  // its own key
  const std::string& file() const { return file_; }
  bool has(std::string_view key) const { return table_->contains(key); }
  std::vector<std::string> keys() const;

 private:
  const toml::node* get(std::string_view key);

  std::string file_, path_, name_;
  const toml::table* table_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace soakline
