// What a look at who holds what costs: records in a map, two blocks each, and a list of them.
#include <benchmark/benchmark.h>

#include "harness/testing/holders_program.hpp"

namespace soakline {
namespace {

void look(benchmark::State& state, const char* kind, testing::Agent agent = testing::Agent::preloaded) {
  const auto records = static_cast<int>(state.range(0));
  testing::HoldersProgram program(kind, records, false, agent);
  HolderLook look;
  for ([[maybe_unused]] auto _ : state) look = program.look();
  if (!look.unusable.empty()) state.SkipWithError(look.unusable.c_str());
  state.counters["held"] = static_cast<double>(look.held);
}
BENCHMARK_CAPTURE(look, map, "map")->Arg(50'000)->Arg(500'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(look, map_without_agent, "map", testing::Agent::none)
    ->Arg(50'000)
    ->Arg(500'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(look, list, "list")->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(look, cycle, "cycle")->Arg(500'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace soakline
