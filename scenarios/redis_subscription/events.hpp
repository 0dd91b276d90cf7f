// The six events of a connection multiplexer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/signals2/signal.hpp>

#include "scenarios/redis_subscription/endpoint.hpp"

namespace redis_subscription {

enum class ConnectionKind { commands, subscription };

inline std::string_view name(ConnectionKind kind) {
  return kind == ConnectionKind::commands ? "commands" : "subscription";
}

// The number tells one event from the next, however many handlers each is given to.
struct ConnectionEvent {
  std::uint64_t number = 0;
  Endpoint endpoint;
  ConnectionKind kind = ConnectionKind::commands;
  std::string reason;
};

struct ErrorMessageEvent {
  std::uint64_t number = 0;
  Endpoint endpoint;
  std::string message;
};

struct ConfigurationEvent {
  std::uint64_t number = 0;
  Endpoint endpoint;
  std::string announcement;
};

struct HashSlotMovedEvent {
  std::uint64_t number = 0;
  int slot = 0;
  Endpoint from;
  Endpoint to;
};

struct InternalErrorEvent {
  std::uint64_t number = 0;
  Endpoint endpoint;
  std::string origin;
  std::string message;
};

template <class Event>
using Signal = boost::signals2::signal<void(const Event&)>;

// Connection failed and restored share a handler type, as in the original.
struct Events {
  Signal<ConnectionEvent> connection_failed;
  Signal<ConnectionEvent> connection_restored;
  Signal<ErrorMessageEvent> error_message;
  Signal<ConfigurationEvent> configuration_changed;
  Signal<HashSlotMovedEvent> hash_slot_moved;
  Signal<InternalErrorEvent> internal_error;

  // How many handlers are registered in all; walks every list.
  std::size_t handlers() const {
    return connection_failed.num_slots() + connection_restored.num_slots() + error_message.num_slots() +
           configuration_changed.num_slots() + hash_slot_moved.num_slots() + internal_error.num_slots();
  }
};

}  // namespace redis_subscription
