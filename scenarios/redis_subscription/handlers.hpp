// The six event handlers of the service: each counts its calls and writes a line for each event.
#pragma once

#include <cstdint>

#include "scenarios/redis_subscription/events.hpp"

namespace redis_subscription {

void on_connection_failed(const ConnectionEvent& event);
void on_connection_restored(const ConnectionEvent& event);
void on_error_message(const ErrorMessageEvent& event);
void on_configuration_changed(const ConfigurationEvent& event);
void on_hash_slot_moved(const HashSlotMovedEvent& event);
void on_internal_error(const InternalErrorEvent& event);

// How many handlers have been called, by event.
struct HandlerCalls {
  std::uint64_t connection_failed = 0;
  std::uint64_t connection_restored = 0;
  std::uint64_t error_message = 0;
  std::uint64_t configuration_changed = 0;
  std::uint64_t hash_slot_moved = 0;
  std::uint64_t internal_error = 0;

  bool operator==(const HandlerCalls&) const = default;
};

HandlerCalls handler_calls();

}  // namespace redis_subscription
