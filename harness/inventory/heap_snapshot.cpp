#include "harness/inventory/heap_snapshot.hpp"

#include <algorithm>
#include <array>
#include <istream>
#include <unordered_map>

namespace soakline {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_name = 300, longest_node = 64;
constexpr std::uint64_t no_name = (std::uint64_t{1} << 40) - 1;

// What the language has itself; the program's own objects hold these.
bool is_languages_own(const std::string& constructor) {
  constexpr std::array known = {
      "Object",      "Array",      "Map",          "Set",           "WeakMap",        "WeakSet",
      "WeakRef",     "Promise",    "Date",         "RegExp",        "Error",          "Function",
      "String",      "Number",     "Boolean",      "Symbol",        "BigInt",         "ArrayBuffer",
      "DataView",    "Buffer",     "Uint8Array",   "Int8Array",     "Uint16Array",    "Int16Array",
      "Uint32Array", "Int32Array", "Float32Array", "Float64Array",  "Generator",      "Arguments",
      "Iterator",    "Proxy",      "FastBuffer",   "BigInt64Array", "BigUint64Array", "(closure)"};
  return std::find(known.begin(), known.end(), constructor) != known.end() ||
         constructor.starts_with("system / ");
}

// Takes the events of the parser as they come: "snapshot" says how a node is laid out, "nodes" are counted
// by type and name, and of "strings" only the names of those that were counted are kept.
class SnapshotReader : public nlohmann::json_sax<Json> {
 public:
  explicit SnapshotReader(const std::stop_token& stop) : stop_(stop) {}

  std::optional<Inventory> inventory() const {
    if (counted_.empty() || !strings_seen_) return std::nullopt;
    Inventory inventory{"class", {}};
    for (const auto& [key, held] : counted_) add(inventory, key, held);
    return inventory;
  }

  bool null() override { return value(0); }
  bool boolean(bool) override { return value(0); }
  bool number_integer(number_integer_t number) override {
    return value(number < 0 ? 0 : static_cast<std::uint64_t>(number));
  }
  bool number_unsigned(number_unsigned_t number) override { return value(number); }
  bool number_float(number_float_t, const string_t&) override { return value(0); }
  bool binary(binary_t&) override { return false; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }
  bool start_object(std::size_t) override {
    ++objects_;
    return true;
  }
  bool end_object() override {
    --objects_;
    return true;
  }
  bool key(string_t& name) override {
    if (objects_ == 1) section_ = name;
    key_ = name;
    return true;
  }
  bool start_array(std::size_t) override {
    ++arrays_;
    return section_ != "nodes" || lay_out();
  }
  bool end_array() override {
    --arrays_;
    return true;
  }
  bool string(string_t& text) override {
    if (section_ == "strings") {
      strings_seen_ = true;
      const auto wanted = names_.find(next_string_++);
      if (wanted != names_.end()) wanted->second = text.substr(0, longest_name);
    } else if (section_ == "snapshot" && key_ == "node_fields") {
      fields_.push_back(text);
    } else if (section_ == "snapshot" && key_ == "node_types" && arrays_ == 2) {
      types_.push_back(text);
    }
    return true;
  }

 private:
  bool lay_out() {
    const auto place = [&](const char* field) {
      return static_cast<std::size_t>(std::find(fields_.begin(), fields_.end(), field) - fields_.begin());
    };
    type_at_ = place("type"), name_at_ = place("name"), size_at_ = place("self_size");
    return fields_.size() <= longest_node && std::max({type_at_, name_at_, size_at_}) < fields_.size();
  }

  bool value(std::uint64_t number) {
    if (section_ != "nodes") return (++values_ & 0xffff) != 0 || !stop_.stop_requested();
    node_[field_] = number;
    if (++field_ < fields_.size()) return true;
    field_ = 0;
    count_node();
    return (++values_ & 0xfff) != 0 || !stop_.stop_requested();
  }

  void count_node() {
    const std::uint64_t type = node_[type_at_];
    if (type >= types_.size()) return;
    const bool named = types_[type] == "object" || types_[type] == "native" || types_[type] == "closure";
    const std::uint64_t name = named ? std::min(node_[name_at_], no_name) : no_name;
    if (named) names_.try_emplace(name);
    Held& held = counted_[type << 40 | name];
    held.count += 1;
    held.bytes += static_cast<double>(node_[size_at_]);
  }

  void add(Inventory& inventory, std::uint64_t key, Held held) const {
    const std::string& type = types_[key >> 40];
    const auto found = names_.find(key & no_name);
    std::string name = found == names_.end() ? "" : found->second;
    if (type == "closure" && !name.empty())
      name += "()";
    else if (name.empty())
      name = "(" + type + ")";
    held.of_runtime = (type != "object" && type != "closure") || is_languages_own(name);
    inventory.add(name, held);
  }

  const std::stop_token& stop_;
  int objects_ = 0, arrays_ = 0;
  std::string section_, key_;
  std::vector<std::string> fields_, types_;
  std::size_t type_at_ = 0, name_at_ = 0, size_at_ = 0, field_ = 0;
  std::array<std::uint64_t, longest_node> node_{};
  std::uint64_t next_string_ = 0, values_ = 0;
  bool strings_seen_ = false;
  std::unordered_map<std::uint64_t, Held> counted_;       // by type and name
  std::unordered_map<std::uint64_t, std::string> names_;  // by their place among the strings
};

}  // namespace

std::optional<Inventory> inventory_of_snapshot(std::istream& snapshot, const std::stop_token& stop) {
  SnapshotReader reader(stop);
  if (!Json::sax_parse(snapshot, &reader)) return std::nullopt;
  return reader.inventory();
}

std::optional<Inventory> inventory_of_report(std::istream& report) {
  const Json json = Json::parse(report, nullptr, false);
  const Json::json_pointer place("/javascriptHeap/heapSpaces");
  if (json.is_discarded() || !json.contains(place) || !json.at(place).is_object()) return std::nullopt;
  Inventory inventory{"heap space", {}};
  for (const auto& [name, space] : json.at(place).items())
    if (space.is_object() && space.contains("used") && space.at("used").is_number())
      inventory.add(name.substr(0, longest_name), {0, space.at("used").get<double>()});
  return inventory;
}

}  // namespace soakline
