#include "loadgen/redis_replies.hpp"

#include <algorithm>
#include <utility>

namespace soakline {
namespace {

constexpr std::size_t longest_error = 200;

std::string error_text(std::string_view value) {
  if (value.empty() || value.front() != '-') return "an error in several lines";
  const auto text = value.substr(1, std::min(value.size() - 3, longest_error));
  return text.empty() ? "an error without a text" : std::string(text);
}

}  // namespace

Parsed RedisReplies::next(std::string_view& bytes, Reply& reply) {
  for (;;) {
    const std::size_t kept = partial_.size();
    if (kept > 0) partial_ += bytes;
    const std::string_view window = kept > 0 ? std::string_view(partial_) : bytes;
    std::size_t at = 0;
    const RespScanner::Found found = scanner_.next(window, at);
    if (found == RespScanner::Found::broken) return Parsed::broken;
    if (found == RespScanner::Found::more) {
      partial_ = std::string(window.substr(at));
      bytes = {};
      return Parsed::more;
    }
    reply = {};
    if (scanner_.is_error()) reply.error = error_ = error_text(window.substr(0, at));
    bytes.remove_prefix(at - kept);
    partial_.clear();
    if (found == RespScanner::Found::push) continue;
    if (scanner_.is_integer()) reply.count += scanner_.skip_short_integers(bytes);
    return Parsed::reply;
  }
}

void RedisReplies::restart() {
  scanner_.restart();
  partial_.clear();
}

}  // namespace soakline
