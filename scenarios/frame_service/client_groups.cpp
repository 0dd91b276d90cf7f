#include "scenarios/frame_service/client_groups.hpp"

#include <chrono>

#include "scenarios/executor/dedicated_task_scheduler.hpp"

namespace frame_service {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s;
constexpr std::size_t read_buffer_bytes = 65'536;

executor::SchedulerFactory scheduler_on(executor::ThreadSource& threads) {
  return [&threads](executor::Executor& executor) {
    return std::make_unique<executor::DedicatedTaskScheduler>(executor, 1, threads);
  };
}

}  // namespace

ClientGroup::ClientGroup(std::size_t loops, executor::ThreadSource& threads)
    : executors_(loops, scheduler_on(threads)) {
  while (loops_.size() < loops) loops_.push_back({executors_.next(), std::vector<char>(read_buffer_bytes)});
}

ClientGroup::Loop& ClientGroup::next() {
  return loops_[next_++ % loops_.size()];
}

void ClientGroup::shut_down() {
  executors_.shutdown_gracefully(0s, 0s);
}

void ClientGroup::await_end() {
  executors_.await_termination(patience);
}

ClientGroup::Loop& ClientGroups::loop_for_connection() {
  const std::lock_guard lock(mutex_);
  if (sharing_ == Sharing::none || groups_.empty())
    groups_.push_back(std::make_unique<ClientGroup>(loops_, threads_));
  return groups_.back()->next();
}

void ClientGroups::end() {
  const std::lock_guard lock(mutex_);
  for (const auto& group : groups_) group->shut_down();
  for (const auto& group : groups_) group->await_end();
}

std::size_t ClientGroups::groups() const {
  const std::lock_guard lock(mutex_);
  return groups_.size();
}

}  // namespace frame_service
