#include "harness/fault_timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/seed_seq.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::array<std::string_view, 14> kinds = {
    "stop",      "kill",  "restart", "client-kill", "reset", "half-close", "no-answer",
    "slow-read", "delay", "tear",    "cap",         "lose",  "duplicate",  "corrupt"};  // as in FaultKind

// Whole milliseconds are the same on every machine.
std::int64_t milliseconds(double seconds) {
  return std::llround(1e3 * seconds);
}

// Boost's engines and distributions give the same numbers with every standard library.
boost::random::mt19937_64 stream_of(std::uint64_t seed, std::size_t plan) {
  constexpr std::uint32_t purpose = 0x6661756c;  // apart from the load's streams of the same seed
  boost::random::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                                purpose, static_cast<std::uint32_t>(plan)};
  return boost::random::mt19937_64(words);
}

void add_occurrences(const FaultPlan& plan, boost::random::mt19937_64 random, double time_s,
                     std::vector<Fault>& timeline) {
  boost::random::uniform_int_distribution<std::int64_t> jitter(0, milliseconds(plan.jitter_s));
  const std::int64_t end = milliseconds(time_s), every = milliseconds(plan.every_s.value_or(0));
  for (std::int64_t due = milliseconds(plan.at_s); due < end; due += every) {
    const std::int64_t begin = due + jitter(random);
    const auto seconds = [](std::int64_t number) { return static_cast<double>(number) / 1e3; };
    if (begin < end)
      timeline.push_back({seconds(begin), seconds(begin + milliseconds(plan.for_s)), plan.recover_s,
                          plan.kind, plan.on, plan.parameters});
    if (every == 0) return;
  }
}

// One after the other on each service, target or link.
void put_in_queues(std::vector<Fault>& timeline) {
  std::map<std::string, double> free_s;
  for (Fault& fault : timeline) {
    const double late_s = std::max(0.0, free_s[fault.on] - fault.begin_s);
    fault.begin_s += late_s;
    fault.end_s += late_s;
    free_s[fault.on] = fault.end_s;
  }
}

void sort_by_begin(std::vector<Fault>& timeline) {
  std::stable_sort(timeline.begin(), timeline.end(),
                   [](const Fault& a, const Fault& b) { return a.begin_s < b.begin_s; });
}

std::string line_of(const Fault& fault) {
  std::string line = fmt::format("{} {} {} {} {}", milliseconds(fault.begin_s), milliseconds(fault.end_s),
                                 milliseconds(fault.recover_s), name_of(fault.kind), fault.on);
  for (const auto& [name, value] : fault.parameters)
    std::visit([&](const auto& known) { line += fmt::format(" {}={}", name, known); }, value);
  return line + "\n";
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  return kinds.at(static_cast<std::size_t>(kind));
}

std::optional<FaultKind> fault_kind_named(std::string_view name) {
  const auto found = std::find(kinds.begin(), kinds.end(), name);
  if (found == kinds.end()) return std::nullopt;
  return static_cast<FaultKind>(found - kinds.begin());
}

std::span<const std::string_view> fault_kind_names() {
  return kinds;
}

std::vector<Fault> fault_timeline(const std::vector<FaultPlan>& plans, std::uint64_t seed, double time_s) {
  std::vector<Fault> timeline;
  for (std::size_t i = 0; i < plans.size(); ++i)
    add_occurrences(plans[i], stream_of(seed, i), time_s, timeline);
  sort_by_begin(timeline);
  put_in_queues(timeline);
  sort_by_begin(timeline);
  std::erase_if(timeline, [=](const Fault& fault) { return fault.begin_s >= time_s; });
  return timeline;
}

std::string hash_of(const std::vector<Fault>& timeline) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const Fault& fault : timeline)
    for (const char byte : line_of(fault)) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return fmt::format("{:016x}", hash);
}

std::string described(const Fault& fault) {
  std::string text = fmt::format("{} of {}", name_of(fault.kind), fault.on);
  if (fault.end_s > fault.begin_s) text += " for " + format_duration(fault.end_s - fault.begin_s);
  for (const auto& [name, value] : fault.parameters)
    std::visit([&](const auto& known) { text += fmt::format(", {} {}", name, known); }, value);
  return text;
}

}  // namespace soakline
