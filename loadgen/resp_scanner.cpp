#include "loadgen/resp_scanner.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

namespace soakline {
namespace {

constexpr std::size_t longest_line = 64 << 10;
constexpr std::int64_t longest_bulk = std::int64_t{1} << 30;
constexpr std::int64_t most_elements = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t deepest = 64;

// As redis writes them: no plus, no leading zeros.
std::optional<std::int64_t> whole_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 19) return std::nullopt;
  if (text.front() == '0')
    return text.size() == 1 && !negative ? std::optional<std::int64_t>(0) : std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + static_cast<std::uint64_t>(c - '0');
  }
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (value > most + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? ~value + 1 : value);
}

// A line that begins otherwise never becomes a value; its end need not be waited for.
bool may_begin(char type, Resp version) {
  constexpr std::string_view types = "+-:$*_#,(!=%~>|.;";
  return types.substr(0, version == Resp::v3 ? types.size() : 5).find(type) != std::string_view::npos;
}

// Where the line ends, before its CR and LF; npos when that has not come.
std::size_t line_end(std::string_view bytes, std::size_t from) {
  while (from < bytes.size()) {
    const void* found = std::memchr(bytes.data() + from, '\r', bytes.size() - from);
    if (found == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (at + 1 == bytes.size()) break;
    if (bytes[at + 1] == '\n') return at;
    from = at + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::size_t RespScanner::skip_short_integers(std::string_view& bytes) {
  constexpr std::size_t size = 4;
  std::size_t count = 0;
  const auto is_one = [&bytes](std::size_t at) {
    return bytes[at] == ':' && bytes[at + 1] >= '0' && bytes[at + 1] <= '9' && bytes[at + 2] == '\r' &&
           bytes[at + 3] == '\n';
  };
  while ((count + 1) * size <= bytes.size() && is_one(count * size)) ++count;
  bytes.remove_prefix(count * size);
  return count;
}

RespScanner::Found RespScanner::next(std::string_view bytes, std::size_t& at) {
  while (at < bytes.size()) {
    if (bulk_left_ >= 0) {
      const auto here = static_cast<std::int64_t>(bytes.size() - at);
      if (here < bulk_left_) {
        // Its line end stays, to be looked at in one piece.
        const std::int64_t skipped = std::clamp<std::int64_t>(bulk_left_ - 2, 0, here);
        at += static_cast<std::size_t>(skipped);
        bulk_left_ -= skipped;
        return Found::more;
      }
      at += static_cast<std::size_t>(bulk_left_);
      if (bytes[at - 2] != '\r' || bytes[at - 1] != '\n') return Found::broken;
      bulk_left_ = -1;
      end_value();
    } else {
      const std::size_t end = line_end(bytes, at);
      if (end == std::string_view::npos)
        return bytes.size() - at > longest_line || !may_begin(bytes[at], version_) ? Found::broken
                                                                                   : Found::more;
      if (!begin(bytes.substr(at, end - at))) return Found::broken;
      at = end + 2;
    }
    if (complete_) {
      complete_ = false;
      return top_ == '>' ? Found::push : Found::value;
    }
  }
  return Found::more;
}

bool RespScanner::begin(std::string_view line) {
  if (line.empty()) return false;
  const char type = line.front();
  const std::string_view text = line.substr(1);
  if (type == '.' || type == ';') {
    if (type == '.') return text.empty() && end_streamed(type);
    const auto size = streaming_ ? whole_number(text) : std::nullopt;
    if (!size || *size < 0 || *size > longest_bulk) return false;
    if (*size == 0) return end_streamed(type);
    bulk_left_ = *size + 2;
    return true;
  }
  if (streaming_) return false;
  if (open_.empty()) top_ = type;
  return begin_typed(type, text);
}

bool RespScanner::begin_typed(char type, std::string_view text) {
  const bool v3 = version_ == Resp::v3;
  switch (type) {
    case '+':
    case '-':
      end_value();
      return true;
    case ':':
      if (!whole_number(text)) return false;
      end_value();
      return true;
    case '_':
      end_value();
      return v3 && text.empty();
    case '#':
      end_value();
      return v3 && (text == "t" || text == "f");
    case ',':
    case '(':
      end_value();
      return v3 && !text.empty();
    case '$':
    case '!':
    case '=':
      if (type != '$' && !v3) return false;
      if (v3 && type == '$' && text == "?") return streaming_ = true;
      break;
    case '*':
      break;
    case '%':
    case '~':
    case '>':
    case '|':
      if (!v3) return false;
      break;
    default:
      return false;
  }
  const bool string = type == '$' || type == '!' || type == '=';
  if (v3 && !string && text == "?") return type != '>' && open(type, until_marked);
  const auto number = whole_number(text);
  if (!number || *number < (type == '$' || type == '*' ? -1 : 0)) return false;
  if (*number == -1) {
    end_value();
    return true;
  }
  if (!string) return *number <= most_elements && open(type, *number);
  if (*number > longest_bulk) return false;
  bulk_left_ = *number + 2;
  return true;
}

bool RespScanner::open(char type, std::int64_t elements) {
  const bool pairs = type == '%' || type == '|';
  if (elements == 0) {
    if (type != '|') end_value();
    return true;
  }
  if (open_.size() == deepest) return false;
  open_.push_back({elements == until_marked ? until_marked : (pairs ? 2 : 1) * elements, type});
  return true;
}

bool RespScanner::end_streamed(char type) {
  if (type == ';') {
    streaming_ = false;
    end_value();
    return true;
  }
  if (streaming_ || open_.empty() || open_.back().left != until_marked) return false;
  const bool is_attribute = open_.back().type == '|';
  open_.pop_back();
  if (!is_attribute) end_value();
  return true;
}

// A value inside others may be the last of those, which then end too.
void RespScanner::end_value() {
  if (streaming_) return;  // a chunk: the string goes on
  while (!open_.empty()) {
    Open& outer = open_.back();
    if (outer.left == until_marked || --outer.left > 0) return;
    const bool is_attribute = outer.type == '|';
    open_.pop_back();
    if (is_attribute) return;  // says something of the value that follows
  }
  complete_ = true;
}

}  // namespace soakline
