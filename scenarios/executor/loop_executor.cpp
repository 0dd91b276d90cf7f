#include "scenarios/executor/loop_executor.hpp"

#include <utility>

namespace executor {

LoopExecutor::LoopExecutor(std::string name, const SchedulerFactory& make_scheduler)
    : SingleThreadEventExecutor(std::move(name), make_scheduler),
      keep_running_(boost::asio::make_work_guard(io_)),
      alarm_(io_) {}

LoopExecutor::~LoopExecutor() {
  shut_down_and_join();
}

void LoopExecutor::wait_for_work(Time deadline) {
  // In this order: a task that comes after the question stops the loop again, before it runs or while it
  // does.
  io_.restart();
  if (has_tasks()) {
    io_.poll();  // sockets have their turn, however many tasks there are
    return;
  }
  arm(deadline);
  io_.run();
}

void LoopExecutor::arm(Time deadline) {
  deadline_ = deadline;
  if (deadline == Time::max()) return;
  alarm_.expires_at(deadline);
  alarm_.async_wait([this](const boost::system::error_code& error) {
    // One that had gone off before it was set anew comes too early, and would cost a turn.
    if (!error && Clock::now() >= deadline_) io_.stop();
  });
}

}  // namespace executor
