// The event-loop groups that connections to the upstream run on.
//
// Follows DotNetty issue 633: the bootstrap of a client makes a group of its own for each connection. A group
// that nobody shuts down lives on with its threads, whatever becomes of the connection.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "scenarios/executor/event_executor_group.hpp"
#include "scenarios/executor/thread_source.hpp"

namespace frame_service {

// A group of event loops, each with a buffer that the connections on it read into.
class ClientGroup {
 public:
  struct Loop {
    executor::LoopExecutor& executor;
    std::vector<char> in;
  };

  ClientGroup(std::size_t loops, executor::ThreadSource& threads);
  Loop& next();
  void shut_down();
  void await_end();

 private:
  executor::EventExecutorGroup executors_;
  std::deque<Loop> loops_;
  std::size_t next_ = 0;
};

class ClientGroups {
 public:
  // One group for all connections (the fix), or one for each (the leak).
  enum class Sharing { all, none };

  ClientGroups(Sharing sharing, std::size_t loops) : sharing_(sharing), loops_(loops) {}

  // The loop for a new connection. From any thread. Throws ThreadsExhausted.
  ClientGroup::Loop& loop_for_connection();
  std::size_t groups() const;

  // Ends all loops and waits for them; their connections stay as they are.
  void end();

 private:
  static constexpr std::size_t most_threads = 32'767;

  const Sharing sharing_;
  const std::size_t loops_;
  executor::ThreadSource threads_{most_threads};
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<ClientGroup>> groups_;  // its threads keep a group alive
};

}  // namespace frame_service
