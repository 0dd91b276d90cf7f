#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <exception>
#include <variant>

#include "loadgen/devices/devices_report.hpp"
#include "loadgen/line_output.hpp"
#include "loadgen/load_report.hpp"
#include "loadgen/load_run.hpp"
#include "loadgen/options.hpp"

namespace {

constexpr int exit_usage = 2;
constexpr int exit_could_not_run = 4;  // or not so that it can be believed

int complain(int exit_code, const std::exception& error) {
  fmt::print(stderr, "soakline-load: {}\n", error.what());
  return exit_code;
}

// Prints the account, and what it comes to.
template <class Plan, class Result>
int end(const Plan& plan, const soakline::Output& output, const Result& result,
        const soakline::LoadResult& load) {
  if (!load.ledger.first_failure.empty())
    fmt::print(stderr, "soakline-load: {} messages failed, the first because: {}\n", load.ledger.failed,
               load.ledger.first_failure);
  soakline::write_line(output.json ? result_json(result, plan.seed) : result_text(result, plan.seed));
  return reasons_against(load.self).empty() ? 0 : exit_could_not_run;
}

int run(const soakline::LoadPlan& plan, const soakline::Output& output) {
  const soakline::Progress progress{
      output.progress_period_s, [&idle = plan.pace.idle](double t_s, const soakline::LoadResult& so_far) {
        const bool is_idle = idle.contains(std::llround(t_s * 1e9));
        return soakline::write_line_or_skip(soakline::progress_json(t_s, is_idle, so_far)) !=
               soakline::Written::unread;
      }};
  const auto result = run_load(plan, progress);
  return result->unread ? 0 : end(plan, output, *result, *result);
}

int run(const soakline::DevicesPlan& plan, const soakline::Output& output) {
  const soakline::Idle idle = plan.messages ? plan.messages->idle : soakline::Idle{};
  const soakline::DevicesProgress progress{
      output.progress_period_s,
      [&idle](double t_s, const soakline::LoadResult& so_far, const soakline::Fleet& fleet) {
        const bool is_idle = idle.contains(std::llround(t_s * 1e9));
        return soakline::write_line_or_skip(soakline::progress_json(t_s, is_idle, so_far, fleet)) !=
               soakline::Written::unread;
      }};
  const auto result = run_devices(plan, progress);
  if (result->load.unread) return 0;
  const soakline::FleetCounts& counts = result->counts;
  if (!counts.first_refusal.empty())
    fmt::print(stderr, "soakline-load: {} attempts to connect failed, the first because: {}\n",
               counts.refused, counts.first_refusal);
  if (!counts.first_loss.empty())
    fmt::print(stderr, "soakline-load: {} connections were lost, the first because: {}\n", counts.lost,
               counts.first_loss);
  return end(plan, output, *result, result->load);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went is noticed where it is written to
  try {
    if (const auto options = soakline::parse_options(argc, argv))
      return std::visit([&](const auto& plan) { return run(plan, options->output); }, options->plan);
    return 0;
  } catch (const soakline::UsageError& error) {
    return complain(exit_usage, error);
  } catch (const std::exception& error) {
    return complain(exit_could_not_run, error);
  }
}
