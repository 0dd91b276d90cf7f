// What tests of the getter and its events share: a real server, and the calls of handlers since the test
// began.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "scenarios/redis_subscription/handlers.hpp"
#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/redis_instance.hpp"
#include "scenarios/redis_subscription/subscriber.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_subscription {

class ServiceFixture : public testing::Test {
 protected:
  void TearDown() override { forget_redis_instance(); }

  static void use(const std::string& address, Registration registration = Registration::once) {
    configure_redis(
        {.connection_string = address, .announce_channel = "__config", .registration = registration});
  }

  void serve() {
    redis_instance().subscribe("orders", [this](const std::string& channel, const std::string& order) {
      subscriber_.on_message(channel, order);
    });
  }

  HandlerCalls called() const {
    const HandlerCalls now = handler_calls();
    return {.connection_failed = now.connection_failed - before_.connection_failed,
            .connection_restored = now.connection_restored - before_.connection_restored,
            .error_message = now.error_message - before_.error_message,
            .configuration_changed = now.configuration_changed - before_.configuration_changed,
            .hash_slot_moved = now.hash_slot_moved - before_.hash_slot_moved,
            .internal_error = now.internal_error - before_.internal_error};
  }

  // Exactly these: one handler called too often fails as one that is not called.
  bool come_to_be_called(const HandlerCalls& expected) const {
    wait_until([&] { return called() == expected; });
    return called() == expected;
  }

  Subscriber subscriber_;

 private:
  const HandlerCalls before_ = handler_calls();
};

}  // namespace redis_subscription
