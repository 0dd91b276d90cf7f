#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "loadgen/devices/devices_report.hpp"
#include "loadgen/hdr_log.hpp"
#include "loadgen/line_output.hpp"
#include "loadgen/load_report.hpp"
#include "loadgen/load_run.hpp"
#include "loadgen/options.hpp"

namespace soakline {
namespace {

constexpr int exit_usage = 2;
constexpr int exit_could_not_run = 4;  // or not so that it can be believed

int complain(int exit_code, const std::exception& error) {
  fmt::print(stderr, "soakline-load: {}\n", error.what());
  return exit_code;
}

Progress progress_lines(const Output& output, const Idle& idle) {
  return {output.progress_period_s, [idle](double t_s, const LoadResult& so_far) {
            const bool is_idle = idle.contains(std::llround(t_s * 1e9));
            return write_line_or_skip(progress_json(t_s, is_idle, so_far)) != Written::unread;
          }};
}

// What a run writes to a file as it goes.
class LatencyLog {
 public:
  explicit LatencyLog(const std::string& path) : path_(path), file_(path) {
    require(file_.is_open(), fmt::format("--latency-log: '{}' cannot be written: {}; name a file in a folder "
                                         "that is there",
                                         path_, std::strerror(errno)));
  }
  Progress every_second() {
    return {1, [this](double t_s, const LoadResult& so_far) { return log_.add(t_s, so_far.ledger), true; }};
  }
  void end(const LoadResult& result) {
    log_.add(result.ended_s, result.ledger);
    if (!file_)
      throw std::runtime_error(fmt::format("--latency-log: '{}' could not be written whole", path_));
  }

 private:
  std::string path_;
  std::ofstream file_;
  HdrLog log_{file_};
};

// Prints the account, and what it comes to.
template <class Plan, class Result>
int end(const Plan& plan, const Output& output, const Result& result, const LoadResult& load) {
  if (!load.ledger.first_failure.empty())
    fmt::print(stderr, "soakline-load: {} messages failed, the first because: {}\n", load.ledger.failed,
               load.ledger.first_failure);
  write_line(output.json ? result_json(result, plan.seed) : result_text(result, plan.seed));
  return reasons_against(load.self).empty() ? 0 : exit_could_not_run;
}

int run(const LoadPlan& plan, const Output& output) {
  std::optional<LatencyLog> log;
  std::vector<Progress> progress;
  if (output.progress_period_s > 0) progress.push_back(progress_lines(output, plan.pace.idle));
  if (!output.latency_log.empty()) progress.push_back(log.emplace(output.latency_log).every_second());
  const auto result = run_load(plan, progress);
  const int exit_code = result->unread ? 0 : end(plan, output, *result, *result);
  if (log) log->end(*result);
  return exit_code;
}

int run(const DevicesPlan& plan, const Output& output) {
  require(output.latency_log.empty(), "--latency-log does not work for devices yet; leave it out");
  const Idle idle = plan.messages ? plan.messages->idle : Idle{};
  const DevicesProgress progress{
      output.progress_period_s, [&idle](double t_s, const LoadResult& so_far, const Fleet& fleet) {
        const bool is_idle = idle.contains(std::llround(t_s * 1e9));
        return write_line_or_skip(progress_json(t_s, is_idle, so_far, fleet)) != Written::unread;
      }};
  const auto result = run_devices(plan, progress);
  if (result->load.unread) return 0;
  const FleetCounts& counts = result->counts;
  if (!counts.first_refusal.empty())
    fmt::print(stderr, "soakline-load: {} attempts to connect failed, the first because: {}\n",
               counts.refused, counts.first_refusal);
  if (!counts.first_loss.empty())
    fmt::print(stderr, "soakline-load: {} connections were lost, the first because: {}\n", counts.lost,
               counts.first_loss);
  return end(plan, output, *result, result->load);
}

}  // namespace
}  // namespace soakline

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went is noticed where it is written to
  try {
    if (const auto options = soakline::parse_options(argc, argv))
      return std::visit([&](const auto& plan) { return soakline::run(plan, options->output); },
                        options->plan);
    return 0;
  } catch (const soakline::UsageError& error) {
    return soakline::complain(soakline::exit_usage, error);
  } catch (const std::exception& error) {
    return soakline::complain(soakline::exit_could_not_run, error);
  }
}
