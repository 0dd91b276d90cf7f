#include "scenarios/redis_subscription/event_source.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace redis_subscription {

std::string describe_current_exception() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of no known type";
  }
}

void EventSource::internal_error(std::string origin, std::string message) {
  try {
    events_.internal_error(InternalErrorEvent{next(), endpoint_, std::move(origin), std::move(message)});
  } catch (...) {
    // There is no event left to tell it with.
    fmt::print(stderr, "a handler of internal errors failed: {}\n", describe_current_exception());
  }
}

}  // namespace redis_subscription
