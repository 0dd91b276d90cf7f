#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "loadgen/devices/device_messages.hpp"
#include "loadgen/devices/device_timeline.hpp"
#include "loadgen/devices/mqtt_packets.hpp"
#include "loadgen/devices/timer_wheel.hpp"

namespace soakline {
namespace {

constexpr std::int64_t keep_alive_ns = 30'000'000'000;

// What each keep-alive costs the wheel: it expires and is set again, among so many.
void keep_alive_on_the_wheel(benchmark::State& state) {
  const auto devices = static_cast<std::uint32_t>(state.range(0));
  TimerWheel wheel(devices);
  const std::int64_t apart_ns = keep_alive_ns / devices;
  for (std::uint32_t device = 0; device < devices; ++device) wheel.set(device, device * apart_ns);
  std::int64_t now_ns = 0, expired = 0;
  for ([[maybe_unused]] auto _ : state) {
    now_ns += 1'000'000;
    wheel.advance(now_ns, [&](std::uint32_t device) {
      wheel.set(device, now_ns + keep_alive_ns);
      ++expired;
    });
  }
  state.SetItemsProcessed(expired);
}
BENCHMARK(keep_alive_on_the_wheel)->Arg(19'000)->Arg(1'000'000);

void mqtt_puback_parsed(benchmark::State& state) {
  std::string answers;
  for (int i = 0; i < 64; ++i) answers += std::string("\x40\x02\x00\x01", 4);
  PacketState packet;
  for ([[maybe_unused]] auto _ : state) {
    std::string_view bytes = answers;
    while (next_mqtt_packet(bytes, packet).what != Heard::What::more) benchmark::DoNotOptimize(packet);
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(mqtt_puback_parsed);

// All that one message costs save the protocol and the system calls: chosen, made, hashed, entered, answered.
void whole_message(benchmark::State& state) {
  DevicesPlan plan;
  plan.connections = 19'000;
  plan.messages.emplace().rate_per_s = 500;
  DeviceTimeline timeline(plan);
  const auto ledger = std::make_unique<Ledger>();
  DeviceMessages messages(*ledger, 10);
  DeviceQueue queue;
  for ([[maybe_unused]] auto _ : state) {
    const DeviceEvent event = timeline.next();
    messages.offer(queue, event.due_ns, 68);
    messages.send(queue, event.due_ns + 100);
    messages.answered(queue, 0, 68, event.due_ns + 40'000);
  }
}
BENCHMARK(whole_message);

}  // namespace
}  // namespace soakline
