#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <exception>

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

int run(const soakline::LoadOptions& options) {
  const soakline::Progress progress{
      options.output.progress_period_s,
      [&idle = options.plan.pace.idle](double t_s, const soakline::LoadResult& so_far) {
        const bool is_idle = idle.contains(std::llround(t_s * 1e9));
        return soakline::write_line_or_skip(soakline::progress_json(t_s, is_idle, so_far)) !=
               soakline::Written::unread;
      }};
  const auto result = run_load(options.plan, progress);
  if (result->unread) return 0;
  if (!result->ledger.first_failure.empty())
    fmt::print(stderr, "soakline-load: {} messages failed, the first because: {}\n", result->ledger.failed,
               result->ledger.first_failure);
  const auto seed = options.plan.seed;
  soakline::write_line(options.output.json ? result_json(*result, seed) : result_text(*result, seed));
  return reasons_against(result->self).empty() ? 0 : exit_could_not_run;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went is noticed where it is written to
  try {
    if (const auto options = soakline::parse_options(argc, argv)) return run(*options);
    return 0;
  } catch (const soakline::UsageError& error) {
    return complain(exit_usage, error);
  } catch (const std::exception& error) {
    return complain(exit_could_not_run, error);
  }
}
