// What can go wrong between this program and redis.
#pragma once

#include <stdexcept>

namespace redis_subscription {

struct RedisError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The connection could not be made, broke or answered too late.
struct ConnectionLost : RedisError {
  using RedisError::RedisError;
};

// The server answered with an error; the connection is fine.
struct ServerError : RedisError {
  using RedisError::RedisError;
};

}  // namespace redis_subscription
