#include "harness/running_target.hpp"

#include <fmt/format.h>

#include <csignal>

namespace soakline {
namespace {
constexpr int port_attempts = 3;
constexpr auto command_patience = std::chrono::seconds(60);
}  // namespace

RunningTarget::RunningTarget(EventLoop& loop, const Target& target, const std::filesystem::path& folder,
                             Placeholders& values, const std::function<bool()>& stop)
    : target_(target), values_(values) {
  if (attached()) {
    if (kill(*target.attach_pid, 0) != 0 && errno == ESRCH)
      throw ScenarioError(fmt::format("--pid {}: no such process", *target.attach_pid));
    return;
  }
  log_ = std::make_shared<LogFile>(folder / "target.log");
  const bool chooses_port = mentions(target.command, "port");
  for (int attempt = 1;; ++attempt) {
    values["port"] = std::to_string(free_port());
    if (attempt == 1) run_to_end(loop, target.setup, "setup");
    try {
      start(loop, stop);
      return;
    } catch (const StartError& error) {
      throw ScenarioError(fmt::format("[target] command: {}", error.what()));
    } catch (const RunError&) {
      // Someone else may have taken the port between our looking and its binding.
      if (!chooses_port || attempt == port_attempts || process_->running()) throw;
    }
  }
}

void RunningTarget::start(EventLoop& loop, const std::function<bool()>& stop) {
  const LogProbe probe(target_.ready, *log_);
  Readiness ready = target_.ready;
  for (auto* text : {&ready.tcp, &ready.http, &ready.file})
    if (*text) *text = fill(**text, values_);
  process_ = std::make_unique<Process>(loop, fill(target_.command, values_),
                                       [log = log_](std::string_view bytes) { log->write(bytes); });
  const auto redis = values_.find("redis");
  if (ready.redis_subscribers && redis == values_.end())
    throw ScenarioError("[target] ready: redis_subscribers needs a [services.redis]");
  wait_until_ready(loop, ready, *process_, *log_, probe, "target",
                   redis == values_.end() ? "" : redis->second, stop);
  if (probe.announced()) values_["port"] = *probe.announced();
}

std::string RunningTarget::ending() {
  if (attached()) return fmt::format("process {} ended", *target_.attach_pid);
  process_->running();
  return fmt::format("the target ended with {}; its last line: {}", process_->ending(), log_->last_line());
}

void RunningTarget::stop(EventLoop& loop, double longest_grace_s) {
  if (attached()) return;
  process_->stop(loop, target_.stop_signal, std::min(longest_grace_s, target_.stop_grace_s));
  run_to_end(loop, target_.teardown, "teardown");
}

void RunningTarget::run_to_end(EventLoop& loop, const std::vector<std::vector<std::string>>& commands,
                               const char* which) {
  for (const auto& arguments : commands) {
    Command command = target_.command;
    command.arguments = arguments;
    command.environment.erase(preload_variable);  // what is counted is the target
    try {
      Process process(loop, fill(command, values_),
                      [log = log_](std::string_view bytes) { log->write(bytes); });
      loop.wait_for([&] { return !process.running(); }, std::chrono::steady_clock::now() + command_patience);
      loop.drain();
      if (process.running() || process.ending() != "exit code 0")
        throw RunError(fmt::format("[target] {}: '{}' ended with {}; its last line: {}", which, arguments[0],
                                   process.ending(), log_->last_line()));
    } catch (const StartError& error) {
      throw ScenarioError(fmt::format("[target] {}: {}", which, error.what()));
    }
  }
}

}  // namespace soakline
