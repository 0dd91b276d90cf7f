// Commands that nobody waits for, kept while there is no connection to send them on.
//
// Follows StackExchange.Redis issue 104: fire-and-forget commands pile up for as long as redis cannot be
// reached.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace redis_client {

struct Command {
  std::string name;
  std::string key;
  std::string value;
};

class Backlog {
 public:
  // When it is full the oldest command fails (the fix), or it never is (the leak).
  enum class Bound { oldest_fails, none };

  Backlog(Bound bound, std::size_t most) : bound_(bound), most_(most) {}

  void push(Command command);

  // The oldest one, once there is one; nothing once closed.
  std::optional<Command> take();
  // Of a command that could not be sent after all: it is the oldest again.
  void put_back(Command command);
  void close();

  std::size_t size() const;
  std::uint64_t failed() const;

 private:
  void keep_bound();

  const Bound bound_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Command> commands_;
  std::uint64_t failed_ = 0;
  bool closed_ = false;
};

}  // namespace redis_client
