// A reply of redis as a value.
#pragma once

#include <string>
#include <vector>

struct redisReply;

namespace redis_subscription {

struct Reply {
  enum class Kind { text, status, error, integer, nil, array };

  Kind kind = Kind::nil;
  std::string text;          // of text, status and error
  long long integer = 0;     // of integer
  std::vector<Reply> items;  // of array

  bool is_error() const { return kind == Kind::error; }
};

// Throws ConnectionLost for a type that RESP2 does not have.
Reply to_reply(const redisReply& reply);

}  // namespace redis_subscription
