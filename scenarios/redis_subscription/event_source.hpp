// Raises the events of a multiplexer, each with its number, and lets no handler's exception out.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>

#include "scenarios/redis_subscription/events.hpp"

namespace redis_subscription {

// To be called in a catch block.
std::string describe_current_exception();

class EventSource {
 public:
  explicit EventSource(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  Events& events() { return events_; }

  void connection_failed(const Endpoint& endpoint, ConnectionKind kind, std::string reason) {
    raise(events_.connection_failed, ConnectionEvent{next(), endpoint, kind, std::move(reason)});
  }
  void connection_restored(const Endpoint& endpoint, ConnectionKind kind) {
    raise(events_.connection_restored, ConnectionEvent{next(), endpoint, kind, {}});
  }
  void error_message(const Endpoint& endpoint, std::string message) {
    raise(events_.error_message, ErrorMessageEvent{next(), endpoint, std::move(message)});
  }
  void configuration_changed(std::string announcement) {
    raise(events_.configuration_changed, ConfigurationEvent{next(), endpoint_, std::move(announcement)});
  }
  void hash_slot_moved(int slot, const Endpoint& from, const Endpoint& to) {
    raise(events_.hash_slot_moved, HashSlotMovedEvent{next(), slot, from, to});
  }
  void internal_error(std::string origin, std::string message);

 private:
  std::uint64_t next() { return ++last_number_; }

  template <class Event>
  void raise(const Signal<Event>& signal, const Event& event) {
    try {
      signal(event);
    } catch (...) {
      internal_error("an event handler", describe_current_exception());
    }
  }

  Endpoint endpoint_;
  Events events_;
  std::atomic<std::uint64_t> last_number_{0};
};

}  // namespace redis_subscription
