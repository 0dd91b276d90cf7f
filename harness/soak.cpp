#include "harness/soak.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/baseline_file.hpp"
#include "harness/environment.hpp"
#include "harness/inventory/inventory_watch.hpp"
#include "harness/inventory/node_process.hpp"
#include "harness/load_verdict.hpp"
#include "harness/measurement.hpp"
#include "harness/outcome.hpp"
#include "harness/preloading.hpp"
#include "harness/process_faults.hpp"
#include "harness/run_json.hpp"
#include "harness/runtimes.hpp"
#include "harness/wires.hpp"

namespace soakline {
namespace {

RunInfo info_of(const Scenario& scenario) {
  RunInfo info;
  info.scenario = scenario.name;
  info.variant = scenario.recorded_variant();
  info.why = scenario.variant_why.empty() ? scenario.why : scenario.variant_why;
  info.profile = scenario.profile;
  info.command = scenario.target.command.arguments;
  info.seed = scenario.seed;
  info.sample_s = scenario.sample_s;
  info.settings = scenario.settings;
  info.environment = environment_of(scenario);
  info.resolved = resolved_json(scenario);
  return info;
}

Placeholders placeholders_of(const Scenario& scenario, const RunFolder& folder) {
  return {{"bin", program_directory().string()},
          {"run", std::filesystem::absolute(folder.path()).string()},
          {"seed", std::to_string(scenario.seed)},
          {"variant", scenario.variant},
          {"compression", fmt::format("{:.15g}", scenario.settings.compression)}};
}

void inject(int pid, LiveHeap& live, const std::function<void(const std::string&)>& note) {
  note(fmt::format(
      "gdb will stop process {} to put the agent into it, for some milliseconds, or a second and more "
      "with hundreds of threads or on a busy machine; a wait of a thread (epoll_wait, poll, a sleep, a "
      "read with a time-out) may return EINTR",
      pid));
  note(
      fmt::format("the agent is in process {}, which stood still for {:.0f} ms; blocks that lived before are "
                  "not counted",
                  pid, std::ceil(1e3 * live.inject(pid))));
}

// The target as it is started: with the agent where that was asked for and can be.
Target with_agent(Target target, const Placeholders& values, LiveHeap& live,
                  const std::function<void(const std::string&)>& note) {
  if (target.attach_pid && target.inject_agent) inject(*target.attach_pid, live, note);
  if (!target.preload_agent || target.attach_pid) return target;
  Command program = target.command;
  program.arguments.resize(1);
  const std::string why = why_not_preloaded(fill(program, values));
  if (!why.empty()) {
    note(fmt::format("no agent: {} {}", program.arguments[0], why));
  } else {
    live.preload(target.command);
    if (!live.unusable().empty()) note("no agent: " + live.unusable());
  }
  return target;
}

// A URL by way of the wire between load and target, if there is one.
std::string url_through(Wires& wires, const std::string& url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return url;
  const auto end = std::min(url.find('/', scheme.size()), url.size());
  const std::string server = url.substr(scheme.size(), end - scheme.size());
  return std::string(scheme) + wires.between("load", "target", server) + url.substr(end);
}

// `values` as the load is to see them.
std::unique_ptr<Load> start_load(EventLoop& loop, const Scenario& scenario, const Placeholders& values,
                                 Wires& wires, RunFolder& folder) {
  if (scenario.load.kind == LoadPlan::Kind::none) return nullptr;
  using Kind = LoadPlan::Kind;
  const std::string to = scenario.load.kind == Kind::command ? ""
                         : scenario.load.kind == Kind::redis ? fill("{redis}", values)
                         : scenario.load.kind == Kind::http
                             ? url_through(wires, fill(scenario.load.to, values))
                             : wires.between("load", "target", fill(scenario.load.to, values));
  return std::make_unique<Load>(loop, scenario, to, folder.path(), values,
                                [&folder](const nlohmann::json& progress) { folder.write_load(progress); });
}

// The whole verdict from its parts: drift first, then levels against the accepted runs.
RunResult result_of(const Scenario& scenario, const RunInfo& info, Measurement& measurement) {
  RunResult result;
  result.metrics = measurement.conclude();
  result.ended_at_s = measurement.recording().end_s();
  result.decided_at_s = measurement.decided_at_s();
  result.message =
      measurement.failure().empty() && measurement.interrupted() ? "interrupted" : measurement.failure();
  result.verdict = worst(result.metrics);
  if (!scenario.file.empty()) {
    result.baseline = compare_with_baseline(baseline_path(scenario.file, scenario.name, scenario.variant),
                                            info, measurement.recording());
    apply_baseline(result);
  }
  if (!measurement.failure().empty() && result.verdict != Verdict::fail) result.verdict = Verdict::invalid;
  if (result.verdict == Verdict::not_judged) result.verdict = Verdict::inconclusive;
  return result;
}

void conclude(SoakRun& run) {
  run.result.outcome = outcome_of(run.result.verdict, run.result.metrics, run.info.settings.must_fail);
  run.result.exit = exit_code(run.result.outcome);
}

}  // namespace

SoakRun run_soak(const Scenario& scenario, Observer& observer, const std::function<bool()>& interrupted) {
  SoakRun run{info_of(scenario), {}};
  // A baseline that cannot be read is found now, not after two hours: held against nothing, it says so.
  if (!scenario.file.empty())
    compare_with_baseline(baseline_path(scenario.file, scenario.name, scenario.variant), run.info, {});
  RunFolder folder(scenario.out, run.info);
  observer.on_start(run.info);
  try {
    EventLoop loop;
    Placeholders values = placeholders_of(scenario, folder);
    Services services(loop, scenario, folder.path(), values, interrupted);
    const auto timeline = fault_timeline(scenario.faults, scenario.seed, scenario.settings.time_s);
    Wires wires(loop, scenario, timeline, services.sockets());
    Placeholders seen = wires.as_seen_by("target", values);
    LiveHeap live(scenario.settings.age_s, scenario.settings.time_s);
    const auto note = [&](const std::string& text) { observer.on_note(run.info, text); };
    Target planned = with_agent(scenario.target, seen, live, note);
    if (scenario.evidence.preset == EvidencePlan::Preset::node) let_node_answer(planned.command);
    RunningTarget target(loop, planned, folder.path(), seen, interrupted);
    run.info.settings.collected_by = collected_runtime(target.root(), target.attached());
    // One that was just started may not have loaded what it is said to run in.
    if (run.info.settings.collected_by.empty())
      run.info.settings.collected_by = runtime_name(scenario.evidence.preset);
    folder.write_info(run.info);
    values["port"] = seen["port"];
    const auto load = start_load(loop, scenario, wires.as_seen_by("load", values), wires, folder);

    Measurement measurement(run.info, folder, observer, live, scenario.evidence.looking);
    InventoryWatch inventory(scenario.evidence, run.info.settings, seen, folder, note);
    Faults faults(timeline, add_process_hands(wires.take_hands(), timeline, services, target, values));
    Running running{loop, target, services, load.get(), inventory, faults};
    measurement.run(running, interrupted);
    run.result = result_of(scenario, run.info, measurement);
    run.result.evidence = measurement.evidence(run.result.metrics);  // while the target still lives
    auto held = inventory.evidence(run.result.metrics, run.result.ended_at_s, loop,
                                   interrupted() ? 2 : scenario.evidence.within_s + 5);
    // What a runtime collects no agent explains; of all else a stack says more.
    auto& found = run.result.evidence;
    found.insert(run.info.settings.collected_by.empty() ? found.end() : found.begin(), held.begin(),
                 held.end());

    if (load) {
      load->stop(loop);
      apply_load(run.result, load->account());
    }
    conclude(run);
    target.stop(loop, interrupted() ? 2 : 60);
    services.stop();
  } catch (const ScenarioError&) {
    std::filesystem::remove_all(folder.path());
    throw;
  } catch (const RunError& error) {
    run.result.message = error.what();
  }
  folder.write_result(run.info, run.result);
  observer.on_verdict(run.info, run.result);
  return run;
}

}  // namespace soakline
