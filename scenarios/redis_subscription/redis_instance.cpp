#include "scenarios/redis_subscription/redis_instance.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "scenarios/redis_subscription/handlers.hpp"

namespace redis_subscription {
namespace {

using namespace std::chrono_literals;

struct Statics {
  RedisSettings settings;
  std::mutex mutex;
  std::atomic<ConnectionMultiplexer*> instance{nullptr};
  std::vector<std::unique_ptr<ConnectionMultiplexer>> created;  // a replaced one may be in use still
};

// Never destroyed: an exit need not free millions of handlers one by one.
Statics& statics() {
  static auto& only = *new Statics;
  return only;
}

ConnectionMultiplexer* create(const RedisSettings& settings) {
  return new ConnectionMultiplexer({.endpoint = parse_endpoint(settings.connection_string),
                                    .timeouts = {.connect = 10s, .sync = 15s},
                                    .announce_channel = settings.announce_channel});
}

}  // namespace

// Faithful to the original: the outer check asks only for null and the inner one also for a lost connection,
// so that a disconnected instance is never replaced. That does no harm here, as a multiplexer reconnects by
// itself.
ConnectionMultiplexer& redis_instance() {
  auto& [settings, mutex, instance, created] = statics();
  if (settings.connection_string.empty()) {
    throw std::invalid_argument("the redis connection string is empty");
  }
  if (instance == nullptr) {
    const std::lock_guard lock(mutex);
    if (instance == nullptr || !instance.load()->is_connected()) {
      created.emplace_back(create(settings));
      if (settings.registration == Registration::once) {
        Events& events = created.back()->events();
        events.connection_failed.connect(on_connection_failed);
        events.connection_restored.connect(on_connection_restored);
        events.error_message.connect(on_error_message);
        events.configuration_changed.connect(on_configuration_changed);
        events.hash_slot_moved.connect(on_hash_slot_moved);
        events.internal_error.connect(on_internal_error);
      }
      instance = created.back().get();
    }
  }
  if (settings.registration == Registration::per_access) {
    Events& events = instance.load()->events();
    events.connection_failed.connect(on_connection_failed);
    events.connection_restored.connect(on_connection_restored);
    events.error_message.connect(on_error_message);
    events.configuration_changed.connect(on_configuration_changed);
    events.hash_slot_moved.connect(on_hash_slot_moved);
    events.internal_error.connect(on_internal_error);
  }
  return *instance;
}

void configure_redis(RedisSettings settings) {
  statics().settings = std::move(settings);
}

std::size_t redis_instances_created() {
  const std::lock_guard lock(statics().mutex);
  return statics().created.size();
}

void forget_redis_instance() {
  const std::lock_guard lock(statics().mutex);
  // Closed first: a message handler that runs on must not come to create another one.
  for (const auto& instance : statics().created) instance->close();
  statics().instance = nullptr;
  statics().created.clear();
}

}  // namespace redis_subscription
