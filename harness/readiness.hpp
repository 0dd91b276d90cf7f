// Waits until a process is ready to be used: a port, an answer, a line, a file, or a Redis subscriber.
#pragma once

#include <optional>
#include <string>

#include "harness/event_loop.hpp"
#include "harness/log_file.hpp"
#include "harness/process.hpp"
#include "harness/scenario.hpp"

namespace soakline {

// Target, service, load or observer failed, as opposed to a mistake of the user's. Exit code 4.
struct RunError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Watches a log for `ready.log` from before the process starts, so that no line is missed.
class LogProbe {
 public:
  LogProbe(const Readiness& ready, LogFile& log);
  LogProbe(const LogProbe&) = delete;
  LogProbe& operator=(const LogProbe&) = delete;
  ~LogProbe();
  bool seen() const { return seen_; }
  const std::optional<std::string>& announced() const {
    return announced_;
  }  // the first group of the expression

 private:
  LogFile& log_;
  bool seen_ = false;
  std::optional<std::string> announced_;
};

// Whether it is ready now, asked once; `redis` is the address of the service named redis, "" if there is
// none.
bool is_ready(const Readiness& ready, const LogProbe& probe, const std::string& redis);

// RunError names `who`, what it waited for, and the process's last line, when it ends or is not ready in
// time; `stop` cuts the wait short.
void wait_until_ready(EventLoop& loop, const Readiness& ready, Process& process, const LogFile& log,
                      const LogProbe& probe, const std::string& who, const std::string& redis,
                      const std::function<bool()>& stop);

// A port of 127.0.0.1 that was free a moment ago.
int free_port();

}  // namespace soakline
