#include "harness/running_service.hpp"

#include <fmt/format.h>

#include <csignal>

namespace soakline {
namespace {
constexpr auto grace = std::chrono::seconds(5);  // to end, before it is killed
}  // namespace

RunningService::RunningService(EventLoop& loop, std::string name, Command command, Readiness ready,
                               const std::filesystem::path& log_file, const std::function<bool()>& stop)
    : loop_(loop),
      name_(std::move(name)),
      command_(std::move(command)),
      ready_(std::move(ready)),
      log_(std::make_shared<LogFile>(log_file)) {
  start();
  wait_until_ready(loop, ready_, *process_, *log_, *probe_, "service " + name_, "", stop);
  announced_ = probe_->announced();
  probe_.reset();
}

void RunningService::start() {
  probe_ = std::make_unique<LogProbe>(ready_, *log_);
  try {
    process_ = std::make_unique<Process>(loop_, command_,
                                         [log = log_](std::string_view bytes) { log->write(bytes); });
  } catch (const StartError& error) {
    throw RunError(fmt::format("service {}: {}{}", name_, error.what(),
                               ready_.redis ? " (Debian: apt-get install redis-server)" : ""));
  }
}

std::string RunningService::ended() {
  if (presence_ != Presence::here || process_->running()) return "";
  return fmt::format("service {} ended with {}; its last line: {}", name_, process_->ending(),
                     log_->last_line());
}

void RunningService::take_away(int signal) {
  presence_ = Presence::leaving;
  patience_ends_ = Clock::now() + grace;
  process_->send(signal);
}

bool RunningService::bring_back() {
  if (presence_ == Presence::here) return true;
  if (presence_ == Presence::leaving) {
    if (process_->running() && Clock::now() < patience_ends_) return false;
    process_->stop(loop_, SIGKILL, 0);
    start();
    presence_ = Presence::coming;
    patience_ends_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(ready_.within_s));
  }
  if (!process_->running()) does_not_come_back("ended with " + process_->ending());
  if (!is_ready(ready_, *probe_, "")) {
    if (Clock::now() < patience_ends_) return false;
    does_not_come_back(fmt::format("was not ready within {}", format_duration(ready_.within_s)));
  }
  if (probe_->announced() != announced_)
    does_not_come_back(
        fmt::format("listens on port {} now, not on {}; let it listen on a fixed port, such as {{port}}",
                    probe_->announced().value_or(""), announced_.value_or("")));
  probe_.reset();
  presence_ = Presence::here;
  return true;
}

void RunningService::does_not_come_back(const std::string& why) const {
  loop_.drain();
  throw RunError(fmt::format("service {} did not come back after a fault: it {}; its last line: {}", name_,
                             why, log_->last_line()));
}

void RunningService::stop() {
  process_->stop(loop_, SIGTERM, 1);
}

}  // namespace soakline
