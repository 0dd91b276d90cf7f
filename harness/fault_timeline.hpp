// When a run's faults begin and end: a pure function of plan, seed and length, the same on any machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace soakline {

enum class FaultKind {
  stop,
  kill,
  restart,
  client_kill,
  // of links, by soakline-wire
  reset,
  half_close,
  no_answer,
  slow_read,
  delay,
  tear,
  cap,
  lose,
  duplicate,
  corrupt
};
inline bool is_of_links(FaultKind kind) {
  return kind >= FaultKind::reset;
}
std::string_view name_of(FaultKind kind);
std::optional<FaultKind> fault_kind_named(std::string_view name);
std::span<const std::string_view> fault_kind_names();

// What a kind needs beside its times, in SI units, by name.
using FaultParameters = std::map<std::string, std::variant<double, std::string>>;

// One [[faults]] of a scenario. Seconds of the run.
struct FaultPlan {
  FaultKind kind = FaultKind::stop;
  std::string on;  // a service, "target", or a link: "target->redis", "load->target"
  double at_s = 0;
  std::optional<double> every_s;
  double jitter_s = 0;  // each occurrence comes later by up to that
  double for_s = 0;
  double recover_s = 0;  // after its end: still no part of the trend
  FaultParameters parameters = {};
};

// One occurrence.
struct Fault {
  double begin_s = 0, end_s = 0;
  double recover_s = 0;
  FaultKind kind = FaultKind::stop;
  std::string on;
  FaultParameters parameters = {};
};

// Sorted by their beginnings, which lie before `time_s`, to the millisecond. What is due while another fault
// is on the same service, target or link begins when that one ends. Each plan draws from a stream of its own,
// so that one more plan leaves the others' times as they were.
std::vector<Fault> fault_timeline(const std::vector<FaultPlan>& plans, std::uint64_t seed, double time_s);

// 16 hexadecimal digits (FNV-1a) that tell two timelines apart.
std::string hash_of(const std::vector<Fault>& timeline);

// As people are told: "restart of redis for 5s".
std::string described(const Fault& fault);

}  // namespace soakline
