#include "scenarios/redis_subscription/push.hpp"

#include <utility>

namespace redis_subscription {

Push read_push(Reply reply) {
  if (reply.is_error()) return {Push::Kind::error, {}, std::move(reply.text)};
  if (reply.kind != Reply::Kind::array || reply.items.size() != 3) return {};
  std::string& text = reply.items[2].text;
  const std::string& what = reply.items[0].text;
  std::string& channel = reply.items[1].text;
  if (what == "message") return {Push::Kind::message, std::move(channel), std::move(text)};
  if (what == "subscribe") return {Push::Kind::subscribed, std::move(channel), {}};
  return {};
}

}  // namespace redis_subscription
