// `soakline run` and `soakline attach`: every chosen variant, side by side if asked, and what they leave
// behind.
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <iostream>
#include <mutex>
#include <thread>

#include "harness/cli/report_files.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/judge/memory_plan.hpp"
#include "harness/outcome.hpp"
#include "harness/readiness.hpp"
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
void say_what_is_too_short(ConsoleReport& console, const Scenario& scenario) {
  const MemoryPlan plan = plan_memory(scenario.settings);
  if (plan.limit_found_per_day <= scenario.settings.memory.fail) return;
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
  Runs(const RunRequest& request, std::vector<Scenario> scenarios, ConsoleReport& console)
      : request_(request), scenarios_(std::move(scenarios)), console_(console), ends_(scenarios_.size()) {}

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

 private:
  struct End {
    int exit = 3;  // not started before the interruption
    nlohmann::json json;
  };

  void run(std::size_t i) {
    const Scenario& scenario = scenarios_[i];
    try {
      const SoakRun soak = run_soak(scenario, console_, [] { return stop_requested.load(); });
      ends_[i] = {soak.result.exit, summary_json(soak.info, soak.result)};
      if (const auto problem = write_reports(soak.info.folder); !problem.empty()) console_.note(problem);
    } catch (const ScenarioError& error) {
      complain(i, 2, error.what());
    } catch (const std::exception& error) {
      complain(i, 4, error.what());
    }
    const std::lock_guard lock(mutex_);
    prune(scenario.out, scenario.name, scenario.variant, request_.keep);
    if (const auto problem = write_index(scenario.out); !problem.empty()) console_.note(problem);
  }

  void complain(std::size_t i, int exit, const std::string& what) {
    ends_[i].exit = exit;
    const std::lock_guard lock(mutex_);
    std::cerr << fmt::format("soakline: {} ({}): {}\n", scenarios_[i].name, scenarios_[i].variant, what);
  }

  const RunRequest& request_;
  const std::vector<Scenario> scenarios_;
  ConsoleReport& console_;
  std::vector<End> ends_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
};

}  // namespace

int run_verb(const RunRequest& request) {
  auto scenarios = chosen_scenarios(request);
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGHUP, request_stop);
  ConsoleReport console(request.json ? std::cerr : std::cout,
                        console_options_for(request.json ? 2 : 1, request.quiet));
  for (const Scenario& scenario : scenarios) say_what_is_too_short(console, scenario);

  const std::size_t threads = std::min(request.jobs, scenarios.size());
  Runs runs(request, std::move(scenarios), console);
  std::vector<std::jthread> workers;
  for (std::size_t i = 1; i < threads; ++i) workers.emplace_back([&] { runs.work(); });
  runs.work();
  workers.clear();
  if (request.json)
    std::cout << runs.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  return runs.exit();
}

}  // namespace soakline
