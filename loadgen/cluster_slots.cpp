#include "loadgen/cluster_slots.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include <boost/crc.hpp>

#include "loadgen/redis_command.hpp"
#include "loadgen/resp_scanner.hpp"

namespace soakline {
namespace {

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Goes through a RESP value; what is not as expected makes all that follows nothing.
class RespCursor {
 public:
  explicit RespCursor(std::string_view bytes) : bytes_(bytes) {}

  std::optional<std::size_t> array() { return number(line('*')); }
  std::optional<std::size_t> integer() { return number(line(':')); }
  std::optional<std::string_view> bulk() {
    const auto size = number(line('$'));
    if (!size || bytes_.size() < *size + 2) return std::nullopt;
    const auto text = bytes_.substr(0, *size);
    bytes_.remove_prefix(*size + 2);
    return text;
  }
  void skip() {
    std::size_t at = 0;
    const bool found = RespScanner(Resp::v3).next(bytes_, at) == RespScanner::Found::value;
    bytes_.remove_prefix(found ? at : bytes_.size());
  }

 private:
  std::string_view line(char type) {
    const auto end = bytes_.find("\r\n");
    if (!bytes_.starts_with(type) || end == std::string_view::npos) return {};
    const auto text = bytes_.substr(1, end - 1);
    bytes_.remove_prefix(end + 2);
    return text;
  }

  std::string_view bytes_;
};

// The word that is the key: nearly always the one after the name; 0: there is none.
std::size_t key_position(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  constexpr std::array<std::pair<std::string_view, std::size_t>, 17> others = {{{"PUBLISH", 0},
                                                                                {"PING", 0},
                                                                                {"ECHO", 0},
                                                                                {"TIME", 0},
                                                                                {"INFO", 0},
                                                                                {"DBSIZE", 0},
                                                                                {"EVAL", 3},
                                                                                {"EVALSHA", 3},
                                                                                {"EVAL_RO", 3},
                                                                                {"EVALSHA_RO", 3},
                                                                                {"FCALL", 3},
                                                                                {"FCALL_RO", 3},
                                                                                {"OBJECT", 2},
                                                                                {"MEMORY", 2},
                                                                                {"BITOP", 2},
                                                                                {"XGROUP", 2},
                                                                                {"XINFO", 2}}};
  for (const auto& [other, position] : others)
    if (upper == other) return position;
  return 1;
}

std::optional<SlotRange> slot_range(RespCursor& cursor) {
  auto members = cursor.array();
  const auto first = cursor.integer();
  const auto last = cursor.integer();
  auto node_members = cursor.array();
  const auto host = cursor.bulk();
  const auto port = cursor.integer();
  if (!members || !first || !last || !node_members || !host || !port) return std::nullopt;
  if (*first > *last || *last >= cluster_slots) return std::nullopt;
  for (; *node_members > 2; --*node_members) cursor.skip();
  for (; *members > 3; --*members) cursor.skip();  // replicas
  return SlotRange{*first, *last, {std::string(*host), std::to_string(*port)}};
}

}  // namespace

std::size_t hash_slot(std::string_view key) {
  const auto open = key.find('{');
  if (open != std::string_view::npos) {
    const auto close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  boost::crc_optimal<16, 0x1021> crc;
  crc.process_bytes(key.data(), key.size());
  return crc.checksum() % cluster_slots;
}

std::optional<std::string_view> key_of(std::string_view command) {
  RespCursor cursor(command);
  const auto words = cursor.array();
  const auto name = cursor.bulk();
  if (!words || !name) return std::nullopt;
  const std::size_t position = key_position(*name);
  if (position == 0) return std::nullopt;
  for (std::size_t at = 1; at < position; ++at) cursor.bulk();
  return cursor.bulk();
}

std::optional<Redirection> parse_redirection(std::string_view error) {
  const auto words = words_of(error);
  if (words.size() != 3 || (words[0] != "MOVED" && words[0] != "ASK")) return std::nullopt;
  const auto slot = number(words[1]);
  const auto colon = words[2].rfind(':');
  if (!slot || *slot >= cluster_slots || colon == std::string_view::npos) return std::nullopt;
  return Redirection{words[0] == "ASK",
                     *slot,
                     {std::string(words[2].substr(0, colon)), std::string(words[2].substr(colon + 1))}};
}

std::optional<std::vector<SlotRange>> parse_slot_ranges(std::string_view value) {
  RespCursor cursor(value);
  const auto count = cursor.array();
  if (!count) return std::nullopt;
  std::vector<SlotRange> ranges;
  while (ranges.size() < *count) {
    const auto range = slot_range(cursor);
    if (!range) return std::nullopt;
    ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace soakline
