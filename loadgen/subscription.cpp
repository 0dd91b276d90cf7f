#include "loadgen/subscription.hpp"

#include <fmt/format.h>

#include <optional>

#include "loadgen/payload.hpp"

namespace soakline {
namespace {

constexpr std::string_view line_end = "\r\n";

}  // namespace

Subscription::Subscription(std::string_view channel, Resp version, Deliveries& deliveries,
                           std::size_t subscriber)
    : head_(fmt::format("{}3\r\n$7\r\nmessage\r\n${}\r\n{}\r\n$", version == Resp::v3 ? '>' : '*',
                        channel.size(), channel)),
      version_(version),
      deliveries_(deliveries),
      subscriber_(subscriber) {}

Dialogue::Heard Subscription::hear(std::string_view bytes, std::int64_t now_ns) {
  const bool joined = !partial_.empty();
  if (joined) partial_ += bytes;
  std::string_view left = joined ? std::string_view(partial_) : bytes;
  Heard heard;
  while (!left.empty()) {
    const auto taken = take(left, now_ns);
    if (!taken) {
      deliveries_.arrived_damaged();
      return {0, 0, "what the server sends to a subscriber is no RESP"};
    }
    if (*taken == 0) break;
    ++heard.replies;
    left.remove_prefix(*taken);
  }
  if (joined)
    partial_.erase(0, partial_.size() - left.size());
  else
    partial_ = left;
  heard.answered = heard.replies;
  return heard;
}

std::optional<Subscription::Message> Subscription::message_at_front(std::string_view bytes) const {
  if (!bytes.starts_with(head_)) return std::nullopt;
  std::size_t at = head_.size();
  std::size_t size = 0;
  while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9' && size <= Payload::largest)
    size = 10 * size + static_cast<std::size_t>(bytes[at++] - '0');
  const std::size_t whole = at + line_end.size() + size + line_end.size();
  if (bytes.size() < whole || bytes.substr(at, line_end.size()) != line_end ||
      bytes.substr(whole - line_end.size(), line_end.size()) != line_end)
    return std::nullopt;
  return Message{bytes.substr(at + line_end.size(), size), whole};
}

std::optional<std::size_t> Subscription::take(std::string_view bytes, std::int64_t now_ns) {
  // What nearly all of them are, without a look at each line.
  if (const auto message = message_at_front(bytes)) {
    deliveries_.arrived(subscriber_, message->payload, now_ns);
    return message->size;
  }
  RespScanner scanner(version_);
  std::size_t at = 0;
  const auto found = scanner.next(bytes, at);
  if (found == RespScanner::Found::broken) return std::nullopt;
  if (found == RespScanner::Found::more) return 0;
  deliveries_.arrived_damaged();
  return at;
}

void Subscription::lost(std::string_view) {
  partial_.clear();
  deliveries_.unsubscribed(subscriber_);
}

}  // namespace soakline
