// `soakline run` and `soakline attach`: every chosen variant, side by side if asked, and what they leave
// behind.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iostream>
#include <mutex>
#include <thread>

#include "harness/cli/report_files.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/judge/memory_plan.hpp"
#include "harness/judge/site_drift.hpp"
#include "harness/outcome.hpp"
#include "harness/readiness.hpp"
#include "harness/run_comparison.hpp"
#include "harness/run_folder.hpp"
#include "harness/run_json.hpp"
#include "harness/soak.hpp"
#include "reports/console.hpp"

namespace soakline {
namespace {

std::atomic<bool> stop_requested{false};

void request_stop(int) {
  stop_requested = true;
}

std::vector<Scenario> chosen_scenarios(const RunRequest& request) {
  std::vector<Scenario> chosen;
  if (!request.command.empty() || request.attach_pid) {
    if (!request.scenarios.empty() || !request.variants.empty())
      throw ScenarioError("give either scenario files or one program after '--', not both");
    return {plain_scenario(request.command, request.attach_pid, request.overrides)};
  }
  if (request.scenarios.empty())
    throw ScenarioError("nothing to run; give a scenario file, or -- and a command");
  for (const std::string& file : request.scenarios) {
    if (!file.ends_with(".toml") && access(file.c_str(), X_OK) == 0)
      throw ScenarioError(fmt::format("{}: is a program, no scenario file; write it after '--'", file));
    const ScenarioSummary summary = summarize(file);
    for (const VariantSummary& variant : summary.variants)
      if (request.variants.empty() ||
          std::find(request.variants.begin(), request.variants.end(), variant.name) != request.variants.end())
        chosen.push_back(resolve(file, variant.name, request.overrides));
  }
  for (const std::string& name : request.variants)
    if (std::none_of(chosen.begin(), chosen.end(),
                     [&](const auto& scenario) { return scenario.variant == name; }))
      throw ScenarioError(
          fmt::format("--variant {}: no scenario given has it; 'soakline list' shows them", name));
  return chosen;
}

// A run that cannot see what it is asked for says so before it takes the time.
void say_what_it_cannot_see(ConsoleReport& console, const Scenario& scenario) {
  if (scenario.file.empty() && !scenario.target.attach_pid)
    console.note(
        fmt::format("{}: soaked without load; a scenario file with a [load] drives it", scenario.name));
  const MemoryPlan plan = plan_memory(scenario.settings);
  if (plan.limit_found_per_day <= scenario.settings.memory.fail ||
      (scenario.target.preload_agent && needed_by_site_s(scenario.settings) <= scenario.settings.time_s))
    return;
  console.note(
      fmt::format("{} ({}): {} is too short for {}/day of memory: it can find {}/day or more and pass "
                  "nothing; {} would do",
                  scenario.name, scenario.variant, format_duration(scenario.settings.time_s),
                  format_bytes(scenario.settings.memory.fail), format_bytes(plan.limit_found_per_day),
                  format_duration(plan.needed_s)));
}

// Runs of one command: shared by the threads that work through them.
class Runs {
 public:
  // Together: once one of them is no run any more, the others are of no use.
  enum class Ending { each_by_itself, together };

  Runs(const RunRequest& request, std::vector<Scenario> scenarios, ConsoleReport& console,
       Ending ending = Ending::each_by_itself)
      : request_(request),
        scenarios_(std::move(scenarios)),
        console_(console),
        ending_(ending),
        ends_(scenarios_.size()) {}

  void work() {
    for (std::size_t i = next_++; i < scenarios_.size() && !stop_requested; i = next_++) run(i);
  }

  int exit() const {
    std::vector<int> codes;
    for (const End& end : ends_) codes.push_back(end.exit);
    return worst_exit(codes);
  }

  nlohmann::json json() const {
    auto all = nlohmann::json::array();
    for (const End& end : ends_)
      if (!end.json.is_null()) all.push_back(end.json);
    return all.size() == 1 ? all[0] : all;
  }

  // Where run `i` lies; nothing where it came to no end that says anything.
  std::optional<std::filesystem::path> folder(std::size_t i) const {
    const End& end = ends_[i];
    const bool ran = end.exit == 0 || end.exit == 1 || end.exit == 3;
    return ran && !end.folder.empty() ? std::optional(end.folder) : std::nullopt;
  }

 private:
  struct End {
    int exit = 3;  // not started before the interruption
    nlohmann::json json;
    std::filesystem::path folder;
  };

  void run(std::size_t i) {
    const Scenario& scenario = scenarios_[i];
    try {
      const SoakRun soak = run_soak(scenario, console_, [this] { return stop_requested || one_broke_; });
      if (soak.result.exit == exit_code(Outcome::invalid)) one_broke_ = ending_ == Ending::together;
      ends_[i] = {soak.result.exit, summary_json(soak.info, soak.result), soak.info.folder};
      if (const auto problem = write_reports(soak.info.folder); !problem.empty()) console_.note(problem);
    } catch (const ScenarioError& error) {
      complain(i, 2, error.what());
    } catch (const std::exception& error) {
      complain(i, 4, error.what());
    }
    const std::lock_guard lock(mutex_);
    prune(scenario.out, scenario.name, scenario.recorded_variant(), request_.keep);
    if (const auto problem = write_index(scenario.out); !problem.empty()) console_.note(problem);
  }

  void complain(std::size_t i, int exit, const std::string& what) {
    ends_[i].exit = exit;
    one_broke_ = ending_ == Ending::together;
    const std::lock_guard lock(mutex_);
    std::cerr << fmt::format("soakline: {} ({}): {}\n", scenarios_[i].name, scenarios_[i].recorded_variant(),
                             what);
  }

  const RunRequest& request_;
  const std::vector<Scenario> scenarios_;
  ConsoleReport& console_;
  const Ending ending_;
  std::atomic<bool> one_broke_{false};
  std::vector<End> ends_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
};

void work_side_by_side(Runs& runs, std::size_t threads) {
  std::vector<std::jthread> workers;
  for (std::size_t i = 1; i < threads; ++i) workers.emplace_back([&] { runs.work(); });
  runs.work();
}

void print_json(const nlohmann::json& json) {
  std::cout << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

// Absolute, since each scenario has a working directory of its own; braces in it are no placeholders.
std::string other_build(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (path.empty() || !std::filesystem::is_regular_file(absolute, error) ||
      access(absolute.c_str(), X_OK) != 0)
    throw ScenarioError(fmt::format("--against {}: no such program; give the path of the other build",
                                    path.empty() ? "''" : path));
  std::string escaped;
  for (const char c : absolute.string()) escaped += std::string(c == '{' ? 2 : 1, c);
  return escaped;
}

// Two at a time cannot share one port: whoever came first would get both loads.
void refuse_a_fixed_port(const Scenario& scenario) {
  const auto fixed = [](const std::optional<std::string>& text) {
    return text && text->find('{') == std::string::npos;
  };
  using Kind = LoadPlan::Kind;
  const bool goes_to_port = scenario.load.kind == Kind::frames || scenario.load.kind == Kind::http;
  if (fixed(scenario.target.ready.tcp) || fixed(scenario.target.ready.http) ||
      (goes_to_port && fixed(std::optional(scenario.load.to))))
    throw ScenarioError(
        fmt::format("{}: --against runs two at a time, which cannot share one port; write {{port}} in "
                    "command, ready and to",
                    scenario.file.string()));
}

// Its comparison, or why there is none.
RunComparison compared(const Runs& runs, std::size_t base, std::size_t next, const Scenario& scenario) {
  const auto of_base = runs.folder(base), of_next = runs.folder(next);
  if (of_base && of_next) {
    RunComparison comparison = compare_runs(read_run(*of_base), read_run(*of_next));
    if (stop_requested) comparison.conclude(Verdict::inconclusive, "interrupted");
    return comparison;
  }
  RunComparison none;
  none.info.scenario = scenario.name;
  none.info.variant = scenario.variant + " against its base";
  none.conclude(Verdict::invalid, of_base   ? "no comparison: the new build did not run"
                                  : of_next ? "no comparison: the base did not run"
                                            : "no comparison: neither build ran");
  return none;
}

// Each scenario with its program and with the other one at the same time, so that what the machine does meets
// both; who starts first alternates.
int run_against(const RunRequest& request, const std::vector<Scenario>& scenarios, ConsoleReport& console) {
  const std::string other = other_build(*request.against);
  for (const Scenario& scenario : scenarios) refuse_a_fixed_port(scenario);
  std::vector<int> codes;
  auto all = nlohmann::json::array();
  for (std::size_t i = 0; i < scenarios.size() && !stop_requested; ++i) {
    Scenario next = scenarios[i], base = scenarios[i];
    base.target.command.arguments.at(0) = other;
    base.role = "base";
    // Both are to be seen over the same time, whatever each would decide alone.
    next.settings.stop = base.settings.stop = Stop::never;
    const std::size_t of_next = i % 2, of_base = 1 - of_next;
    std::vector<Scenario> pair = {next, base};
    if (of_base == 0) std::swap(pair[0], pair[1]);
    Runs runs(request, pair, console, Runs::Ending::together);
    work_side_by_side(runs, 2);
    const RunComparison comparison = compared(runs, of_base, of_next, scenarios[i]);
    console.on_verdict(comparison.info, comparison.result);
    all.push_back(summary_json(comparison.info, comparison.result));
    codes.push_back(comparison.result.exit);
  }
  if (codes.size() < scenarios.size()) codes.push_back(exit_code(Outcome::inconclusive));
  if (request.json) print_json(all.size() == 1 ? all[0] : all);
  return worst_exit(codes);
}

}  // namespace

int run_verb(const RunRequest& request) {
  auto scenarios = chosen_scenarios(request);
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGHUP, request_stop);
  ConsoleReport console(request.json ? std::cerr : std::cout,
                        console_options_for(request.json ? 2 : 1, request.quiet));
  for (const Scenario& scenario : scenarios) say_what_it_cannot_see(console, scenario);

  if (request.against) return run_against(request, scenarios, console);
  const std::size_t threads = std::min(request.jobs, scenarios.size());
  Runs runs(request, std::move(scenarios), console);
  work_side_by_side(runs, threads);
  if (request.json) print_json(runs.json());
  return runs.exit();
}

}  // namespace soakline
