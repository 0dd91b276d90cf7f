#include "loadgen/redis_replies.hpp"

#include <algorithm>
#include <charconv>

namespace soakline {
namespace {

constexpr std::size_t longest_line = 64 << 10;
constexpr std::int64_t most_elements = std::int64_t{1} << 32;
constexpr std::int64_t longest_bulk = std::int64_t{1} << 30;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Parsed RedisReplies::next(std::string_view& bytes, Reply& reply) {
  if (owed_ == 0) reply = {};
  while (!bytes.empty()) {
    if (bulk_left_ > 0) {
      const auto taken = std::min<std::int64_t>(bulk_left_, static_cast<std::int64_t>(bytes.size()));
      bytes.remove_prefix(static_cast<std::size_t>(taken));
      bulk_left_ -= taken;
      if (bulk_left_ > 0) return Parsed::more;
      --owed_;
    } else {
      const auto line = take_line(bytes);
      if (!line) return partial_.size() > longest_line ? Parsed::broken : Parsed::more;
      if (!read_line(*line, reply)) return Parsed::broken;
    }
    if (owed_ == 0) return Parsed::reply;
  }
  return Parsed::more;
}

// The next line without its end, or nothing while it is not all there.
std::optional<std::string_view> RedisReplies::take_line(std::string_view& bytes) {
  if (partial_done_) partial_.clear();
  partial_done_ = false;
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) {
    partial_ += bytes;
    bytes = {};
    return std::nullopt;
  }
  std::string_view line = bytes.substr(0, end + 1);
  bytes.remove_prefix(end + 1);
  if (!partial_.empty()) {
    partial_ += line;
    partial_done_ = true;
    line = partial_;
  }
  if (!line.ends_with("\r\n")) return std::string_view();
  return line.substr(0, line.size() - 2);
}

// Counts one line of an answer; false when it is not RESP2.
bool RedisReplies::read_line(std::string_view line, Reply& reply) {
  if (line.empty()) return false;
  const bool outermost = owed_ == 0;
  if (outermost) owed_ = 1;
  const char type = line.front();
  line.remove_prefix(1);
  if (type == '+' || type == '-') {
    if (type == '-' && outermost) {
      error_ = line.empty() ? "an error without a text" : line.substr(0, 200);
      reply.error = error_;
    }
    --owed_;
    return true;
  }
  const auto number = whole_number(line);
  if (!number) return false;
  if (type == ':' || ((type == '$' || type == '*') && *number == -1) || (type == '*' && *number == 0)) {
    --owed_;
    return true;
  }
  if (type == '$' && *number >= 0 && *number <= longest_bulk) {
    bulk_left_ = *number + 2;
    return true;
  }
  if (type != '*' || *number < 0 || owed_ + *number > most_elements) return false;
  owed_ += *number - 1;
  return true;
}

}  // namespace soakline
