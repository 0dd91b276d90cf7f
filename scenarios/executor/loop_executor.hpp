// An executor that waits for work in an I/O loop: sockets are served within its turns.
#pragma once

#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "scenarios/executor/single_thread_event_executor.hpp"

namespace executor {

class LoopExecutor : public SingleThreadEventExecutor {
 public:
  LoopExecutor(std::string name, const SchedulerFactory& make_scheduler);
  ~LoopExecutor() override;

  // For sockets and timers; their handlers run on the executor's thread. They end no turn: a frame that comes
  // in and goes out costs no start of the loop, only tasks and scheduled tasks do.
  boost::asio::io_context& io() { return io_; }

 protected:
  void wait_for_work(Time deadline) override;
  void wake() override { io_.stop(); }

 private:
  void arm(Time deadline);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  boost::asio::steady_timer alarm_;
  Time deadline_ = Time::max();
};

}  // namespace executor
