// What a sample costs: all metrics of a target with 100 threads and 200 MB. At one a second, 1,000 us of CPU
// a sample would be 0.1 % of a core.
#include <benchmark/benchmark.h>
#include <sys/utsname.h>

#include "harness/process.hpp"
#include "harness/sampler.hpp"

namespace soakline {
namespace {

void sample_big_target(benchmark::State& state) {
  EventLoop loop;
  std::string output;
  Command command;
  command.arguments = {(program_directory() / "unruly_target").string(), "big", "99"};
  Process process(loop, command, [&](std::string_view bytes) { output += bytes; });
  loop.wait_for([&] { return output.find("ready") != std::string::npos; },
                std::chrono::steady_clock::now() + std::chrono::seconds(60));
  Recording recording;
  Sampler sampler(process.guard_pid(), false, {}, recording);
  double time_s = 0;
  // As once a second: every sixtieth sample reads PSS too.
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(sampler.sample(time_s += 1).sample.rss_bytes);
  utsname system{};
  uname(&system);
  state.SetLabel(std::string("100 threads, 200 MB, Linux ") + system.release);
}
BENCHMARK(sample_big_target)->MinTime(2)->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime();

}  // namespace
}  // namespace soakline
