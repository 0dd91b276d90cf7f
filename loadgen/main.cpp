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
constexpr int exit_could_not_run = 4;

int complain(int exit_code, const std::exception& error) {
  fmt::print(stderr, "soakline-load: {}\n", error.what());
  return exit_code;
}

void say_what_failed(const soakline::Ledger& ledger) {
  if (!ledger.first_failure.empty())
    fmt::print(stderr, "soakline-load: {} messages failed, the first because: {}\n", ledger.failed,
               ledger.first_failure);
}

void run(const soakline::LoadPlan& plan, const soakline::Output& output) {
  const soakline::Progress progress{
      output.progress_period_s, [&idle = plan.pace.idle](double t_s, const soakline::Ledger& ledger) {
        const bool is_idle = idle.contains(std::llround(t_s * 1e9));
        return soakline::write_line_or_skip(soakline::progress_json(t_s, is_idle, ledger)) !=
               soakline::Written::unread;
      }};
  const auto result = run_load(plan, progress);
  if (result->unread) return;
  say_what_failed(result->ledger);
  soakline::write_line(output.json ? result_json(*result, plan.seed) : result_text(*result, plan.seed));
}

void run(const soakline::DevicesPlan& plan, const soakline::Output& output) {
  const soakline::Idle idle = plan.messages ? plan.messages->idle : soakline::Idle{};
  const soakline::DevicesProgress progress{
      output.progress_period_s,
      [&idle](double t_s, const soakline::Ledger& ledger, const soakline::Fleet& fleet) {
        const bool is_idle = idle.contains(std::llround(t_s * 1e9));
        return soakline::write_line_or_skip(soakline::progress_json(t_s, is_idle, ledger, fleet)) !=
               soakline::Written::unread;
      }};
  const auto result = run_devices(plan, progress);
  if (result->load.unread) return;
  say_what_failed(result->load.ledger);
  if (!result->counts.first_refusal.empty())
    fmt::print(stderr, "soakline-load: {} attempts to connect failed, the first because: {}\n",
               result->counts.refused, result->counts.first_refusal);
  if (!result->counts.first_loss.empty())
    fmt::print(stderr, "soakline-load: {} connections were lost, the first because: {}\n",
               result->counts.lost, result->counts.first_loss);
  soakline::write_line(output.json ? result_json(*result, plan.seed) : result_text(*result, plan.seed));
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went is noticed where it is written to
  try {
    if (const auto options = soakline::parse_options(argc, argv))
      std::visit([&](const auto& plan) { run(plan, options->output); }, options->plan);
    return 0;
  } catch (const soakline::UsageError& error) {
    return complain(exit_usage, error);
  } catch (const std::exception& error) {
    return complain(exit_could_not_run, error);
  }
}
