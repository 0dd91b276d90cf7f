#include "loadgen/devices/devices_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "loadgen/devices/device_timeline.hpp"
#include "loadgen/devices/resident_bytes.hpp"
#include "loadgen/devices/signal_watch.hpp"

namespace soakline {
namespace {

constexpr std::int64_t second = 1'000'000'000;
// As long as one more device comes up meanwhile.
constexpr std::int64_t connect_patience = 5 * second;
constexpr std::int64_t answer_patience = second;
// Between two such bursts answers are read; what is due later keeps its intended time.
constexpr int most_events_at_once = 4096;
constexpr std::uint32_t fewest_to_weigh = 1000;

class DevicesRun {
 public:
  DevicesRun(const DevicesPlan& plan, const DevicesProgress& progress)
      : plan_(plan), progress_(progress), timeline_(plan), fleet_(plan, result_->load.ledger, clock_) {
    fleet_.watch(signals_.descriptor());
  }
  std::unique_ptr<DevicesResult> run();

 private:
  bool connect_all();
  void keep_going();
  void carry_out_due(std::int64_t until_ns);
  void drain();
  bool report_progress(std::int64_t now_ns);
  bool poll(std::int64_t until_ns);
  void account();
  OwnUse use_without_devices() const;
  double seconds_since_start(std::int64_t now_ns) const {
    return static_cast<double>(now_ns - start_ns_) * 1e-9;
  }

  const DevicesPlan& plan_;
  const DevicesProgress& progress_;
  const std::int64_t rss_before_ = resident_bytes();
  std::unique_ptr<DevicesResult> result_ = std::make_unique<DevicesResult>();
  RunClock clock_;
  SignalWatch signals_;
  DeviceTimeline timeline_;
  Fleet fleet_;
  std::int64_t start_ns_ = 0;  // when all were connected
  std::int64_t progress_due_ns_ = std::numeric_limits<std::int64_t>::max();
};

std::unique_ptr<DevicesResult> DevicesRun::run() {
  fleet_.open_all();
  if (connect_all()) keep_going();
  account();
  if (!result_->load.unread) drain();
  fleet_.leave_all();
  result_->storms = fleet_.outages().storms();
  result_->slowest_storm_s = static_cast<double>(fleet_.outages().slowest_storm_ns()) * 1e-9;
  result_->reconnects = fleet_.outages().reconnects();
  result_->load.stream_hash = timeline_.hash();
  return std::move(result_);
}

// True: a signal has come.
bool DevicesRun::poll(std::int64_t until_ns) {
  if (!fleet_.poll(until_ns)) return false;
  signals_.take();
  return true;
}

// False: it shall end before it has begun.
bool DevicesRun::connect_all() {
  const std::int64_t begin = clock_.elapsed_ns();
  std::int64_t last_came = begin;
  for (std::size_t connected = 0; connected < plan_.connections;) {
    if (poll(last_came + connect_patience)) return false;
    const std::int64_t now = clock_.elapsed_ns();
    const FleetCounts& counts = fleet_.counts();
    const bool nobody = counts.connects == 0 && counts.refused > 0;
    if (nobody || now >= last_came + connect_patience)
      throw LoadError(fmt::format(
          "cannot connect to {}: {}{}; start the server there first, or correct --to", plan_.to.text,
          nobody ? ""
                 : fmt::format("{} of {} devices are connected and no other has been for 5 s: ", connected,
                               plan_.connections),
          counts.first_refusal.empty() ? "it does not answer" : counts.first_refusal));
    if (fleet_.connected() > connected) last_came = now;
    connected = fleet_.connected();
  }
  result_->all_connected_s = static_cast<double>(clock_.elapsed_ns() - begin) * 1e-9;
  if (plan_.connections >= fewest_to_weigh)
    result_->rss_per_device_bytes =
        static_cast<double>(resident_bytes() - rss_before_) / static_cast<double>(plan_.connections);
  SelfFigures& self = result_->load.self;
  self.begin = self.settled = self.now = use_without_devices();
  start_ns_ = clock_.elapsed_ns();
  return true;
}

void DevicesRun::keep_going() {
  const std::int64_t end = std::llround(plan_.time_s * 1e9);
  if (progress_.period_s > 0) progress_due_ns_ = std::llround(progress_.period_s * 1e9);
  for (;;) {
    if (poll(start_ns_ + std::min({timeline_.due_ns(), end, progress_due_ns_}))) return;
    const std::int64_t now = clock_.elapsed_ns() - start_ns_;
    const std::int64_t until = std::min(now, end - 1);
    carry_out_due(until);
    if (now >= progress_due_ns_ && !report_progress(now)) return;
    if (now >= end && timeline_.due_ns() > until) return;
  }
}

void DevicesRun::carry_out_due(std::int64_t until_ns) {
  const std::int64_t late = clock_.elapsed_ns() - start_ns_ - timeline_.due_ns();
  if (timeline_.due_ns() <= until_ns) result_->load.self.wake_ups.record(late);
  for (int i = 0; i < most_events_at_once && timeline_.due_ns() <= until_ns; ++i) {
    const DeviceEvent event = timeline_.next();
    switch (event.kind) {
      case DeviceEvent::Kind::message:
        fleet_.offer(event.device, event.payload, start_ns_ + event.due_ns);
        break;
      case DeviceEvent::Kind::churn:
        fleet_.churn(event.device);
        break;
      case DeviceEvent::Kind::storm:
        fleet_.storm(event.devices);
        break;
    }
  }
}

bool DevicesRun::report_progress(std::int64_t now_ns) {
  progress_due_ns_ += std::llround(progress_.period_s * 1e9);
  result_->load.unread = !progress_.report(static_cast<double>(now_ns) * 1e-9, result_->load, fleet_);
  return !result_->load.unread;
}

// Their descriptors come and go by the plan. Not while it sends: to count thousands takes a while.
OwnUse DevicesRun::use_without_devices() const {
  OwnUse use = own_use();
  use.descriptors -= fleet_.sockets();
  return use;
}

// What the run is judged by is what it was when sending stopped.
void DevicesRun::account() {
  SelfFigures& self = result_->load.self;
  if (start_ns_ > 0) self.lasted_s = seconds_since_start(clock_.elapsed_ns());
  self.now = use_without_devices();
  self.no_address = fleet_.counts().no_address;
  result_->connected = fleet_.connected();
  result_->counts = fleet_.counts();
}

void DevicesRun::drain() {
  fleet_.stop();
  const Ledger& ledger = result_->load.ledger;
  const std::int64_t patience_ends = clock_.elapsed_ns() + answer_patience;
  while (ledger.in_flight() > 0 && clock_.elapsed_ns() < patience_ends)
    if (poll(patience_ends)) return;
}

}  // namespace

std::unique_ptr<DevicesResult> run_devices(const DevicesPlan& plan, const DevicesProgress& progress) {
  // The fleet holds buffers that are too large for a stack.
  return std::make_unique<DevicesRun>(plan, progress)->run();
}

}  // namespace soakline
