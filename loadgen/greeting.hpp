// What a redis connection says before anything else: who it is, in which protocol, what it subscribes to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "loadgen/load_plan.hpp"

namespace soakline {

struct Greeting {
  std::string bytes;
  std::size_t answers = 0;  // how many values the server says to it; none of them may be an error
  Resp resp = Resp::v2;     // what it answers in
};

// With a channel the connection is a subscriber's.
Greeting greeting_of(const LoadPlan& plan, std::string_view channel = {});

// The channel that every message goes to; "" when the plan is not of that kind.
std::string published_channel(const RedisPlan& plan);

}  // namespace soakline
