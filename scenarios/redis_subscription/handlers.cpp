#include "scenarios/redis_subscription/handlers.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>

namespace redis_subscription {
namespace {

// An event given to a million handlers is one line in the log all the same.
class Handler {
 public:
  template <class... Arguments>
  void called(std::uint64_t event_number, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    ++calls_;
    if (last_logged_.exchange(event_number) == event_number) return;
    fmt::print(stderr, "{}\n", fmt::format(text, std::forward<Arguments>(arguments)...));
  }

  std::uint64_t calls() const { return calls_; }

 private:
  std::atomic<std::uint64_t> calls_{0};
  std::atomic<std::uint64_t> last_logged_{0};
};

Handler connection_failed, connection_restored, error_message, configuration_changed, hash_slot_moved,
    internal_error;

}  // namespace

void on_connection_failed(const ConnectionEvent& event) {
  connection_failed.called(event.number, "connection for {} to {} failed: {}", name(event.kind),
                           event.endpoint.text(), event.reason);
}

void on_connection_restored(const ConnectionEvent& event) {
  connection_restored.called(event.number, "connection for {} to {} restored", name(event.kind),
                             event.endpoint.text());
}

void on_error_message(const ErrorMessageEvent& event) {
  error_message.called(event.number, "{} answered with an error: {}", event.endpoint.text(), event.message);
}

void on_configuration_changed(const ConfigurationEvent& event) {
  configuration_changed.called(event.number, "configuration of {} changed: {}", event.endpoint.text(),
                               event.announcement);
}

void on_hash_slot_moved(const HashSlotMovedEvent& event) {
  hash_slot_moved.called(event.number, "hash slot {} moved from {} to {}", event.slot, event.from.text(),
                         event.to.text());
}

void on_internal_error(const InternalErrorEvent& event) {
  internal_error.called(event.number, "internal error in {}: {}", event.origin, event.message);
}

HandlerCalls handler_calls() {
  return {.connection_failed = connection_failed.calls(),
          .connection_restored = connection_restored.calls(),
          .error_message = error_message.calls(),
          .configuration_changed = configuration_changed.calls(),
          .hash_slot_moved = hash_slot_moved.calls(),
          .internal_error = internal_error.calls()};
}

}  // namespace redis_subscription
