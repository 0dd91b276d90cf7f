// The few commands that the harness asks of a Redis server at "unix:PATH", "HOST:PORT" or
// "redis://HOST:PORT"; none takes longer than two seconds.
#pragma once

#include <optional>
#include <string>

namespace soakline {

// Whether it answers PING.
bool redis_answers(const std::string& address);

// PUBSUB NUMSUB; 0 where nobody answers.
long long redis_subscribers(const std::string& address, const std::string& channel);

// CLIENT KILL TYPE; how many connections that ended, nothing where it was refused or nobody answers.
std::optional<long long> kill_redis_clients(const std::string& address, const std::string& type);

}  // namespace soakline
