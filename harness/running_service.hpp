// A service that runs, and that a fault may take away and bring back at its address.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "harness/log_file.hpp"
#include "harness/process.hpp"
#include "harness/readiness.hpp"

namespace soakline {

class RunningService {
 public:
  // `command` and `ready` have no placeholders left. Starts it and waits until it is ready; RunError names it
  // and its last line.
  RunningService(EventLoop& loop, std::string name, Command command, Readiness ready,
                 const std::filesystem::path& log_file, const std::function<bool()>& stop);

  const std::string& name() const { return name_; }
  const std::optional<std::string>& announced_port() const { return announced_; }
  // How it ended, "" while it runs or is away on purpose.
  std::string ended();
  void send_to_tree(int signal) const { process_->send_to_tree(signal); }

  // Asks it to end, and from now on expects that.
  void take_away(int signal);
  // To be asked again and again, each time for a moment: ends it by force where it took too long, starts it
  // anew, and says when it is ready. RunError where it does not come back.
  bool bring_back();
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Presence { here, leaving, coming };

  void start();
  [[noreturn]] void does_not_come_back(const std::string& why) const;

  EventLoop& loop_;
  std::string name_;
  Command command_;
  Readiness ready_;
  std::shared_ptr<LogFile> log_;
  std::unique_ptr<LogProbe> probe_;  // while it starts
  std::unique_ptr<Process> process_;
  std::optional<std::string> announced_;
  Presence presence_ = Presence::here;
  Clock::time_point patience_ends_;
};

}  // namespace soakline
