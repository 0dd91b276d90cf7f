#include <benchmark/benchmark.h>

#include "harness/judge/judge.hpp"
#include "harness/judge/traces.hpp"

namespace soakline {
namespace {

// A day, sampled so that it has that many rows; 864,000 are ten a second.
Recording day(const traces::Soak& soak, const traces::Course& course) {
  Recording recording = traces::rss(soak, course, 1);
  for (std::size_t i = 0; i < recording.time_s.size(); ++i) {
    recording.threads.push_back(20.0 + static_cast<double>(i % 7));
    recording.descriptors.push_back(50.0 + static_cast<double>(i % 11));
  }
  return recording;
}

void judge_day(benchmark::State& state, const traces::Course& course, double warmup_s) {
  traces::Soak soak;
  soak.settings.time_s = 86'400;
  soak.settings.stop = Stop::never;
  soak.sample_s = soak.settings.time_s / static_cast<double>(state.range(0));
  const Recording recording = day(soak, course);
  if (warmup_s != soak.settings.warmup_s) {
    soak.settings.warmup_s = warmup_s;
    soak.settings.compression = 500;
  }
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(judge_recording(recording, soak.settings));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void flat_day(benchmark::State& state) {
  judge_day(state, traces::creep(), 900);
}
void day_of_teeth(benchmark::State& state) {
  judge_day(state, traces::sawtooth(20e6, 2), 900);
}
void compressed_day(benchmark::State& state) {
  judge_day(state, traces::sawtooth(20e6, 2), 20);
}

BENCHMARK(flat_day)->Arg(10'000)->Arg(100'000)->Arg(864'000)->Unit(benchmark::kMillisecond);
BENCHMARK(day_of_teeth)->Arg(10'000)->Arg(100'000)->Arg(864'000)->Unit(benchmark::kMillisecond);
BENCHMARK(compressed_day)->Arg(100'000)->Arg(864'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace soakline
