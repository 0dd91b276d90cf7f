#include "scenarios/redis_subscription/subscriber.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/redis_instance.hpp"

namespace redis_subscription {

std::string Subscriber::key_of(const std::string& order) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char byte : order) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return fmt::format("order:{}", hash % keys);
}

void Subscriber::on_message(const std::string& channel, const std::string& order) {
  if (order.empty()) throw std::invalid_argument("an order without content");
  ConnectionMultiplexer& redis = redis_instance();
  const std::string key = key_of(order);
  try {
    const Reply before = redis.command({"GET", key});
    redis.command({"SET", key, order});
    redis.command(
        {"PUBLISH", channel + ".ack", fmt::format("{} {} {}", key, order.size(), before.text.size())});
    ++handled_;
  } catch (const RedisError&) {
    ++failed_;  // told by an event already
  }
}

}  // namespace redis_subscription
