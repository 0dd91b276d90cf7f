#include "reports/invented_runs.hpp"

#include <cmath>
#include <functional>

namespace soakline {
namespace {

constexpr double end_s = 240;
constexpr double compression = 500;
constexpr double step_s = 0.1;

struct Shape {
  std::function<double(double)> rss, threads, descriptors;
};

double noise(double time_s) {
  return std::sin(time_s * 12.9898) * std::cos(time_s * 78.233);
}

RecordedRun empty_run(std::string scenario, std::string variant) {
  RecordedRun run;
  run.info.scenario = std::move(scenario);
  run.info.variant = std::move(variant);
  run.info.why = "handlers registered on every access pile up on the multiplexer";
  run.info.profile = "quick";
  run.info.command = {"/opt/build/bin/" + run.info.scenario, "--redis", "unix:/run/user/0/soak/redis.sock"};
  run.info.seed = 7;
  run.info.sample_s = step_s;
  run.info.settings.time_s = end_s;
  run.info.settings.warmup_s = 20;
  run.info.settings.age_s = 6.7;
  run.info.settings.settle_s = 40;
  run.info.settings.compression = compression;
  run.info.started_at = "2026-03-01T12:30:00Z";
  run.info.environment = {
      {"kernel", "6.1"}, {"cores", "2"}, {"libc", "2.36"}, {"load", "redis 335/s poisson × 8 connections"}};
  run.info.resolved = {{"name", run.info.scenario},
                       {"target", run.info.command},
                       {"load", {{"kind", "redis"}, {"connections", 8}}}};
  run.info.folder = "/home/someone/soak-runs/" + run.info.scenario + "-" + run.info.variant + "-1";
  return run;
}

void record(RecordedRun& run, const Shape& shape, double until_s = end_s) {
  for (int i = 0; i <= static_cast<int>(until_s / step_s); ++i) {
    const double t = i * step_s;
    run.recording.time_s.push_back(t);
    run.recording.rss_bytes.push_back(std::round(shape.rss(t) / 4096) * 4096);
    run.recording.threads.push_back(shape.threads(t));
    run.recording.descriptors.push_back(shape.descriptors(t));
    run.recording.cpu_s.push_back(0.031 * t + 0.002 * noise(t));
    run.recording.operations.push_back(std::floor(335 * t));
    run.anon_bytes.push_back(0.8 * run.recording.rss_bytes.back());
    run.pss_bytes.push_back(std::fmod(t, 60) < step_s ? 0.95 * run.recording.rss_bytes.back() : missing);
    run.harness_rss_bytes.push_back(11.5e6);
    run.harness_cpu_s.push_back(0.0006 * t);
    run.lateness_s.push_back(0.0001 * (1 + noise(t)));
  }
  run.events = {{0, "phase", {{"phase", "warm-up"}}},
                {2.5, "phase", {{"phase", "load started"}}},
                {until_s - 5, "phase", {{"name", "load stopped"}}}};
  for (int t = 1; t < static_cast<int>(until_s); ++t)
    run.load.push_back({{"t", t},
                        {"answered", 335 * t},
                        {"latency_from_intended_us", {{"p50", 210}, {"p99", 900 + 250 * noise(t)}}}});
}

double fill(double time_s) {
  return 18e6 + 6e6 * (1 - std::exp(-time_s / 6)) + 60e3 * noise(time_s);
}

MetricVerdict metric(Metric which, Verdict verdict, double limit, std::string signal) {
  MetricVerdict one;
  one.metric = which;
  one.verdict = verdict;
  one.signal = std::move(signal);
  one.limit = limit;
  one.tolerated = limit / 2;
  one.decided_at_s = 190;
  return one;
}

MetricVerdict drifting(MetricVerdict one, double drift, double low, double high) {
  one.drift_per_day = drift;
  one.low = low;
  one.high = high;
  return one;
}

MetricVerdict steady(Metric which) {
  MetricVerdict one = drifting(metric(which, Verdict::pass, 24, "identities"), 0, 0, 5);
  one.smallest_found_per_day = 5;
  return one;
}

MetricVerdict steady_memory() {
  return drifting(metric(Metric::memory, Verdict::pass, 90e6, "rss"), 0.4e6, -3.1e6, 3.9e6);
}

RunResult result_of(Verdict verdict, Outcome outcome, int exit, std::vector<MetricVerdict> metrics) {
  RunResult result;
  result.verdict = verdict;
  result.outcome = outcome;
  result.exit = exit;
  result.ended_at_s = end_s;
  result.decided_at_s = 190;
  result.metrics = std::move(metrics);
  return result;
}

const auto constant = [](double value) { return [value](double) { return value; }; };

}  // namespace

RecordedRun flat_run() {
  RecordedRun run = empty_run("redis-subscription", "once");
  record(run, {fill, constant(8), constant(23)});
  run.result = result_of(Verdict::pass, Outcome::passed, 0,
                         {steady_memory(), steady(Metric::threads), steady(Metric::descriptors)});
  return run;
}

RecordedRun leaking_control() {
  RecordedRun run = empty_run("redis-subscription", "per-access");
  run.info.settings.must_fail = {Metric::memory};
  record(run,
         {[](double t) { return fill(t) + 91.2e6 * compression / 86'400 * t; }, constant(8), constant(23)});
  auto memory = drifting(metric(Metric::memory, Verdict::fail, 90e6, "rss"), 91.2e6, 86.0e6, 96.4e6);
  memory.reason = "grows in every piece";
  run.result = result_of(Verdict::fail, Outcome::caught, 0,
                         {memory, steady(Metric::threads), steady(Metric::descriptors)});
  run.result->ended_at_s = 190;
  run.result->evidence = {
      {Metric::memory, "mapping", 90e6, 0.98, {"[heap]", "anonymous, private", "grew from 18 MB to 118 MB"}}};
  return run;
}

RecordedRun climbing_threads() {
  RecordedRun run = empty_run("executor", "dedicated");
  const auto climb = [](double t) { return 6 + std::floor(t * 0.058); };
  record(run, {[climb](double t) { return fill(t) + 9500 * climb(t); }, climb, constant(23)});
  auto threads = drifting(metric(Metric::threads, Verdict::fail, 24, "identities"), 10'022, 8'240, 12'100);
  threads.reason = "14 born after warm-up are kept";
  run.result =
      result_of(Verdict::fail, Outcome::failed, 1, {steady_memory(), threads, steady(Metric::descriptors)});
  run.result->evidence = {
      {Metric::threads, "thread", 10'022, 1, {"pool-worker × 14", "waits in futex_wait_queue"}},
      {Metric::memory, "mapping", 1.2e6, 0.4, {"thread stacks"}}};
  return run;
}

RecordedRun sawtooth_run() {
  RecordedRun run = empty_run("collector", "");
  record(run, {[](double t) { return fill(t) + 14e6 * std::fmod(t, 23) / 23; }, constant(31),
               [](double t) { return 40 + std::floor(5 * noise(t)); }});
  for (std::size_t i = 900; i < 1300; ++i) run.recording.rss_bytes[i] = run.anon_bytes[i] = missing;
  run.recording.faults = {{130, 136}, {150, 150}};
  run.events.push_back({90, "gap", {{"name", "samples missing"}}});
  run.events.push_back({130, "fault", {{"kind", "restart"}, {"on", "redis"}, {"begin_s", 130.0}}});
  auto memory = drifting(metric(Metric::memory, Verdict::inconclusive, 90e6, "rss"), 31e6, -58e6, 120e6);
  memory.decided_at_s.reset();
  memory.smallest_found_per_day = 178e6;
  memory.reason = "grows, but falls back between";
  run.result = result_of(Verdict::inconclusive, Outcome::inconclusive, 3,
                         {memory, steady(Metric::threads), steady(Metric::descriptors)});
  run.result->decided_at_s.reset();
  run.result->baseline = {"other environment", "kernel 6.1 instead of 5.10", 10, {}};
  return run;
}

RecordedRun regressed_run() {
  RecordedRun run = flat_run();
  run.recording.threads.assign(run.recording.threads.size(), 12);
  run.result->verdict = Verdict::fail;
  run.result->outcome = Outcome::failed;
  run.result->exit = 1;
  run.result->baseline = {"compared",
                          "",
                          10,
                          {{"plateau memory", "B", 24.1e6, 23.9e6, 22.8e6, 25.0e6, Verdict::pass},
                           {"threads", "", 12, 8, 7, 9, Verdict::fail},
                           {"cpu per operation", "s", 92e-6, 90e-6, 81e-6, 99e-6, Verdict::pass}}};
  return run;
}

RecordedRun dead_run() {
  RecordedRun run = empty_run("redis-subscription", "once");
  record(run, {fill, constant(8), constant(23)}, 6);
  run.result = result_of(Verdict::invalid, Outcome::invalid, 4, {});
  run.result->ended_at_s = 6;
  run.result->decided_at_s.reset();
  run.result->message = "the target ended with signal 11 after 6s; see target.log";
  return run;
}

RecordedRun interrupted_run() {
  return empty_run("executor", "pool");
}

std::string hostile_text() {
  return "<script>alert(1)</script>\"'`|]]>&amp;\\ \x1b[31m\r\n\x01\x7f\xff\xc3( \xe2\x80\xae@all *_#[x](y) "
         "×" +
         std::string(3000, 'w');
}

RecordedRun with_hostile_texts(RecordedRun run) {
  const std::string text = hostile_text();
  run.info.scenario = run.info.variant = run.info.why = run.info.profile = run.info.started_at = text;
  run.info.command = {text, text};
  run.info.environment = {{text, text}};
  run.info.resolved = {{text, text}};
  run.info.folder = "/home/someone/soak-runs/" + std::string("<script> \"'&\x1b|\n]]>");
  for (Event& event : run.events) event.detail = {{"name", text}};
  if (!run.result) return run;
  run.result->message = text;
  for (MetricVerdict& metric : run.result->metrics) metric.signal = metric.reason = text;
  run.result->evidence = {{Metric::memory, text, 1, 0.5, {text, text}}};
  run.result->baseline = {text, text, 3, {{text, text, 1, 2, 3, 4, Verdict::fail}}};
  return run;
}

}  // namespace soakline
