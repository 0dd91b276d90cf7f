#include "loadgen/self_watch.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::int64_t latest_wake_up_ns = 100'000'000;
constexpr double most_cpu = 0.95;          // of one core: it has one thread
constexpr double most_growth_bytes = 8e6;  // buffers and histograms that are touched for the first time
constexpr std::size_t most_descriptors = 16;
constexpr double shortest_judged_s = 1;  // a shorter run is all beginning

}  // namespace

OwnUse own_use() {
  OwnUse use;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  use.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  double all_pages = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> all_pages >> resident_pages;
  use.rss_bytes = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  std::error_code error;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error))
    ++use.descriptors;
  return use;
}

std::vector<std::string> reasons_against(const SelfFigures& figures) {
  std::vector<std::string> reasons;
  if (figures.no_address > 0)
    reasons.push_back(
        fmt::format("{} connects found no free local port; spread them over more addresses, or let "
                    "connections live longer",
                    figures.no_address));
  if (figures.lasted_s < shortest_judged_s) return reasons;
  if (const auto late = figures.wake_ups.quantile_ns(0.99); figures.open_loop && late > latest_wake_up_ns)
    reasons.push_back(
        fmt::format("one message in a hundred was looked at {:.0f} ms late or more (100 may be); this "
                    "machine is too busy for the rate",
                    static_cast<double>(late) / 1e6));
  const double cpu = (figures.now.cpu_s - figures.begin.cpu_s) / figures.lasted_s;
  if (figures.open_loop && cpu > most_cpu)
    reasons.push_back(
        fmt::format("the generator itself used {:.0f} % of its core (95 may be); lower the rate, or share it "
                    "among several",
                    100 * cpu));
  const double growth = figures.now.rss_bytes - figures.settled.rss_bytes - figures.backlog_bytes;
  if (figures.settled.rss_bytes > 0 && growth > most_growth_bytes)
    reasons.push_back(fmt::format("its own memory grew by {} (8 MB may be)", format_bytes(growth)));
  if (figures.settled.rss_bytes > 0 &&
      figures.now.descriptors > figures.settled.descriptors + most_descriptors)
    reasons.push_back(fmt::format("its own descriptors grew from {} to {}", figures.settled.descriptors,
                                  figures.now.descriptors));
  return reasons;
}

}  // namespace soakline
