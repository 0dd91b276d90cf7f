// What a server sends on a connection that subscribes.
#pragma once

#include <string>

#include "scenarios/redis_subscription/reply.hpp"

namespace redis_subscription {

struct Push {
  enum class Kind { message, subscribed, error, surprise };

  Kind kind = Kind::surprise;
  std::string channel;
  std::string text;  // the message, or the error's words
};

// Anything a subscriber has not asked for is a surprise.
Push read_push(Reply reply);

}  // namespace redis_subscription
