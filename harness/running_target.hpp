// The target of a soak: started and ready, or attached to.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/placeholders.hpp"
#include "harness/readiness.hpp"

namespace soakline {

class RunningTarget {
 public:
  // Runs the setup commands, starts the target and waits until it is ready; sets {port} in `values`. A start
  // with a {port} that died before it was ready is tried again with another port. RunError or ScenarioError
  // otherwise.
  RunningTarget(EventLoop& loop, const Target& target, const std::filesystem::path& folder,
                Placeholders& values, const std::function<bool()>& stop);

  pid_t root() const { return process_ ? process_->guard_pid() : *target_.attach_pid; }
  bool attached() const { return target_.attach_pid.has_value(); }
  // Whether it is known how the command ended.
  bool ended() { return attached() || !process_->running(); }
  // How it ended and what it said last.
  std::string ending();
  // To all its processes.
  void send_to_tree(int signal) const { process_->send_to_tree(signal); }
  // Graceful, then by force; then the teardown commands. An attached process is left alone.
  void stop(EventLoop& loop, double longest_grace_s);

 private:
  void start(EventLoop& loop, const std::function<bool()>& stop);
  void run_to_end(EventLoop& loop, const std::vector<std::vector<std::string>>& commands, const char* which);

  const Target& target_;
  Placeholders& values_;
  std::shared_ptr<LogFile> log_;
  std::unique_ptr<Process> process_;
};

}  // namespace soakline
