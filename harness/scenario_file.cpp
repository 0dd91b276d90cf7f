#include "harness/scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/fault_sections.hpp"
#include "harness/proc_files.hpp"
#include "harness/scenario_sections.hpp"
#include "harness/strict_table.hpp"

namespace soakline {
namespace {

struct Parsed {
  std::string file;
  toml::table document;
  StrictTable top() const { return {file, "", document}; }
};

Parsed parse(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path))
    throw ScenarioError(
        fmt::format("{}: no such scenario file; 'soakline list' shows what is there", path.string()));
  try {
    return {path.string(), toml::parse_file(path.string())};
  } catch (const toml::parse_error& error) {
    throw ScenarioError(fmt::format("{}:{}: not valid TOML: {}", path.string(), error.source().begin.line,
                                    error.description()));
  }
}

std::vector<Metric> parse_expectation(StrictTable& variant) {
  const toml::node* expect = variant.any("expect");
  if (expect == nullptr || (expect->is_string() && **expect->as_string() == "pass")) return {};
  constexpr std::string_view fix = "must be \"pass\" or { fail = [\"memory\"] }";
  if (!expect->is_table()) variant.fail("expect", fix);
  StrictTable table = *variant.table("expect");
  const auto names = table.texts("fail");
  table.refuse_unknown();
  if (!names || names->empty()) variant.fail("expect", fix);
  std::vector<Metric> metrics;
  for (const std::string& name : *names) {
    const auto metric = metric_named(name);
    if (!metric)
      table.fail("fail", fmt::format("unknown metric '{}'; known: memory, threads, descriptors, cpu", name));
    if (*metric == Metric::cpu)
      table.fail("fail", "cpu is compared with a baseline only and cannot name a control");
    metrics.push_back(*metric);
  }
  return metrics;
}

std::vector<VariantSummary> parse_variants(StrictTable& top) {
  std::vector<VariantSummary> variants;
  for (StrictTable& table : top.tables("variants")) {
    VariantSummary variant{table.name(), table.text("why").value_or(""), parse_expectation(table)};
    table.refuse_unknown();
    variants.push_back(std::move(variant));
  }
  if (variants.empty()) variants.push_back({"default", "", {}});
  return variants;
}

void refuse_reserved(StrictTable& top) {
  if (top.any("phases") != nullptr) top.fail("phases", "is reserved and does not work yet; take it out");
}

void apply_profile(StrictTable& profile, Scenario& scenario, std::optional<std::string>& load) {
  JudgeSettings& settings = scenario.settings;
  if (const auto value = profile.number("compression")) {
    if (!(*value >= 1 && *value <= 1e6)) profile.fail("compression", "must be between 1 and 1000000");
    settings.compression = *value;
  }
  if (const auto stop = profile.text("stop")) {
    if (!stop_named(*stop)) profile.fail("stop", "must be \"decided\", \"fail\" or \"never\"");
    settings.stop = *stop_named(*stop);
  }
  load = profile.text("load");
  if (load && *load != "none" && *load != "idle-probe")
    profile.fail("load", "can be \"none\" or \"idle-probe\": the load itself stands in [load]");
  if (load != "idle-probe") return;
  // A probe that ends at its verdict would see one phase.
  if (profile.text("stop") && settings.stop != Stop::never)
    profile.fail("stop", "must be \"never\" beside load = \"idle-probe\", which needs all three phases");
  settings.stop = Stop::never;
}

void turn_load_off(Scenario& scenario) {
  scenario.load.kind = LoadPlan::Kind::none;
  std::erase_if(scenario.faults, [](const FaultPlan& fault) { return fault.on.starts_with("load->"); });
}

// On, off and on again, a third of the judged time each: so that growth by time and by operation come apart.
void probe_idle(StrictTable& profile, Scenario& scenario) {
  const JudgeSettings& settings = scenario.settings;
  if (scenario.load.kind == LoadPlan::Kind::none || !scenario.load.rate_per_s)
    profile.fail("load", "\"idle-probe\" needs a [load] with a rate");
  if (settings.stop != Stop::never)
    throw ScenarioError("--stop ends an idle probe before its three phases; leave it out, or say never");
  const double third_s = (settings.time_s - settings.warmup_s) / 3;
  scenario.load.idle = {settings.warmup_s + third_s, settings.warmup_s + 2 * third_s};
}

// Durations depend on each other, so that defaults are filled in last: see "Defaults" in docs/scenario.md.
void apply_durations(StrictTable* profile, const Overrides& overrides, Scenario& scenario) {
  const auto choose = [&](const char* key, const std::optional<double>& flag, double otherwise) {
    const auto written = profile != nullptr ? profile->quantity(key, parse_duration) : std::nullopt;
    return flag ? *flag : written.value_or(otherwise);
  };
  JudgeSettings& settings = scenario.settings;
  settings.time_s = choose("time", overrides.time_s, 7200);
  settings.warmup_s = choose("warmup", overrides.warmup_s, settings.time_s / 8);
  settings.age_s = choose("age", overrides.age_s, std::min(300.0, settings.warmup_s / 3));
  settings.settle_s = choose("settle", overrides.settle_s, std::min(600.0, settings.time_s / 3));
  // A judging block of warm-up/30 holds ten samples; below 5 ms the sampler itself would show.
  scenario.sample_s = choose("sample", overrides.sample_s, std::clamp(settings.warmup_s / 300, 0.005, 1.0));
  if (overrides.compression) settings.compression = *overrides.compression;
  if (overrides.stop) settings.stop = *overrides.stop;
}

void check_durations(const Scenario& scenario) {
  const JudgeSettings& settings = scenario.settings;
  const auto fail = [&](std::string_view what) {
    throw ScenarioError(
        fmt::format("{}: {}", scenario.file.empty() ? scenario.name : scenario.file.string(), what));
  };
  if (!(settings.time_s > 0)) fail("time must be above 0, such as \"4m\"");
  if (!(settings.warmup_s > 0)) fail("warmup must be above 0, such as \"20s\"");
  if (settings.warmup_s + settings.age_s >= settings.time_s)
    fail(fmt::format("warmup {} and age {} leave nothing of time {}; make time longer or warmup shorter",
                     format_duration(settings.warmup_s), format_duration(settings.age_s),
                     format_duration(settings.time_s)));
  if (!(settings.compression >= 1 && settings.compression <= 1e6))
    fail("compression must be between 1 and 1000000");
  if (!(settings.age_s > 0)) fail("age must be above 0, such as \"5m\"");
  if (!(scenario.sample_s >= 0.001) || scenario.sample_s > settings.warmup_s)
    fail("sample must be between 1ms and the warm-up");
}

void apply_limits(StrictTable& top, const Overrides& overrides, JudgeSettings& settings) {
  if (auto limits = top.table("limits")) parse_limits(*limits, settings);
  for (const auto& [metric, limit] : overrides.limits) settings.limit(metric) = limit;
}

void override_evidence(const Overrides& overrides, EvidencePlan& plan) {
  if (overrides.pause) plan.looking = Looking::paused;
  if (!overrides.evidence) return;
  plan.preset = *overrides.evidence;
  plan.command.clear();
}

void override_rate(const Overrides& overrides, LoadPlan& load) {
  if (!overrides.rate_per_s) return;
  if (load.kind == LoadPlan::Kind::command)
    throw ScenarioError("--rate has no effect: the load is a command; leave it out");
  load.rate_per_s = *overrides.rate_per_s;
  load.closed_depth.reset();
}

std::optional<StrictTable> choose_profile(StrictTable& top, const Overrides& overrides, std::string& chosen) {
  auto profiles = top.table("profiles");
  chosen = overrides.profile.value_or(profiles && profiles->has("quick") ? "quick" : "");
  std::optional<StrictTable> found;
  if (profiles)
    for (const std::string& name : profiles->keys())
      if (auto table = profiles->table(name); name == chosen) found = table;
  if (overrides.profile && !found)
    throw ScenarioError(
        fmt::format("{}: no profile '{}'; there are: {}", top.file(), chosen,
                    profiles ? fmt::format("{}", fmt::join(profiles->keys(), ", ")) : "none"));
  return found;
}

}  // namespace

Limit parse_limit(Metric metric, std::string_view text) {
  if (metric == Metric::cpu)
    throw QuantityError("cpu has no limit of its own: it is compared with the baseline only");
  const double fail = metric == Metric::memory ? parse_byte_drift(text) : parse_count_drift(text);
  if (!(fail > 0)) throw QuantityError(fmt::format("'{}' must be above 0", text));
  return {fail, fail / 2, true};
}

std::optional<EvidencePlan::Preset> preset_named(std::string_view name) {
  if (name == "jvm") return EvidencePlan::Preset::jvm;
  if (name == "node") return EvidencePlan::Preset::node;
  if (name == "none") return EvidencePlan::Preset::none;
  return std::nullopt;
}

ScenarioSummary summarize(const std::filesystem::path& file) {
  const Parsed parsed = parse(file);
  StrictTable top = parsed.top();
  ScenarioSummary summary{
      top.required_text("name", "\"my-service\""), top.text("why").value_or(""), parse_variants(top), {}};
  if (auto profiles = top.table("profiles")) summary.profiles = profiles->keys();
  return summary;
}

Scenario resolve(const std::filesystem::path& file, const std::string& variant, const Overrides& overrides) {
  const Parsed parsed = parse(file);
  StrictTable top = parsed.top();
  Scenario scenario;
  scenario.file = file;
  scenario.name = top.required_text("name", "\"my-service\"");
  if (!is_plain_name(scenario.name)) top.fail("name", "may hold letters, digits, '-', '_' and '.' only");
  scenario.why = top.text("why").value_or("");
  refuse_reserved(top);

  const auto variants = parse_variants(top);
  const auto chosen =
      std::find_if(variants.begin(), variants.end(), [&](const auto& v) { return v.name == variant; });
  if (chosen == variants.end())
    throw ScenarioError(fmt::format("{}: no variant '{}'", file.string(), variant));
  if (!is_plain_name(variant)) top.fail("variants", "names may hold letters, digits, '-', '_' and '.' only");
  scenario.variant = variant;
  scenario.variant_why = chosen->why;
  scenario.settings.must_fail = chosen->must_fail;

  auto profile = choose_profile(top, overrides, scenario.profile);
  std::optional<std::string> profile_load;
  if (profile) apply_profile(*profile, scenario, profile_load);
  apply_durations(profile ? &*profile : nullptr, overrides, scenario);
  if (profile) profile->refuse_unknown();
  check_durations(scenario);
  apply_limits(top, overrides, scenario.settings);

  if (auto production = top.table("production")) {
    if (const auto rate = production->quantity("operations", parse_rate))
      scenario.settings.operations_per_day = *rate * seconds_per_day;
    production->refuse_unknown();
  }
  parse_target(top, scenario.target);
  if (auto agent = top.table("agent")) {
    scenario.target.preload_agent = agent->boolean("preload").value_or(true);
    agent->refuse_unknown();
  }
  scenario.target.preload_agent = overrides.agent.value_or(scenario.target.preload_agent);
  if (auto evidence = top.table("evidence")) parse_evidence(*evidence, scenario.evidence);
  override_evidence(overrides, scenario.evidence);
  for (StrictTable& service : top.tables("services")) scenario.services.push_back(parse_service(service));
  if (auto load = top.table("load")) parse_load(*load, scenario);
  parse_faults(top, scenario);
  // What comes with faults may come with the last one.
  const bool stop_said = overrides.stop || (profile && profile->has("stop"));
  if (!scenario.faults.empty() && !stop_said && scenario.settings.stop == Stop::decided)
    scenario.settings.stop = Stop::fail;
  if (profile_load == "none") turn_load_off(scenario);
  override_rate(overrides, scenario.load);
  if (profile_load == "idle-probe") probe_idle(*profile, scenario);
  scenario.seed = overrides.seed.value_or(scenario.seed);
  scenario.out = overrides.out.value_or(scenario.out);
  top.refuse_unknown();
  return scenario;
}

Scenario plain_scenario(std::vector<std::string> command, std::optional<int> attach_pid,
                        const Overrides& overrides) {
  Scenario scenario;
  scenario.variant = "default";
  scenario.target.attach_pid = attach_pid;
  scenario.target.preload_agent = overrides.agent.value_or(true);
  override_evidence(overrides, scenario.evidence);
  scenario.target.inject_agent = overrides.inject;
  scenario.target.command.arguments = attach_pid ? command_line_of(*attach_pid) : std::move(command);
  if (!scenario.target.command.arguments.empty())
    scenario.name =
        std::filesystem::path(scenario.target.command.arguments[0]).filename().string().substr(0, 100);
  // A kernel thread has no command line, and a process may call itself nothing.
  if (scenario.name.empty()) scenario.name = attach_pid ? fmt::format("pid-{}", *attach_pid) : "run";
  std::replace_if(
      scenario.name.begin(), scenario.name.end(),
      [](char c) {
        return !is_plain_name({&c, 1});
      },
      '_');
  if (overrides.profile)
    throw ScenarioError("--profile needs a scenario file; give --time, --warmup and the like instead");
  if (overrides.rate_per_s) throw ScenarioError("--rate needs a scenario file with a [load]");
  apply_durations(nullptr, overrides, scenario);
  check_durations(scenario);
  for (const auto& [metric, limit] : overrides.limits) scenario.settings.limit(metric) = limit;
  scenario.seed = overrides.seed.value_or(scenario.seed);
  scenario.out = overrides.out.value_or(scenario.out);
  return scenario;
}

}  // namespace soakline
