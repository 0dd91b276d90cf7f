#include "calibration/readings.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace soakline {

Readings::Readings(const ReadingSettings& settings, std::uint32_t seconds, std::pmr::memory_resource* memory)
    : settings_(settings),
      statm_(open("/proc/self/statm", O_RDONLY | O_CLOEXEC)),
      rows_(memory),
      walker_(getpid()),
      walks_(memory) {
  if (statm_ < 0) throw std::system_error(errno, std::generic_category(), "/proc/self/statm");
  rows_.reserve(seconds / settings.every_s + 1);
  if (!settings.walk_every_s) return;
  walks_.reserve((2 * seconds / settings.walk_every_s + 1) * chunk_class_count);
  walker_.walk(walk_);  // touches its buffers before the life begins
}

Readings::~Readings() {
  close(statm_);
}

std::int64_t Readings::rss_bytes() const {
  std::array<char, 128> text;
  const ssize_t length = pread(statm_, text.data(), text.size(), 0);
  const std::string_view numbers(text.data(), static_cast<std::size_t>(std::max<ssize_t>(0, length)));
  const std::size_t second = numbers.find(' ') + 1;
  std::int64_t pages = 0;
  std::from_chars(numbers.data() + second, numbers.data() + numbers.size(), pages);
  return pages * sysconf(_SC_PAGESIZE);
}

void Readings::read(const Life& life, std::uint32_t second) {
  const std::int64_t rss = rss_bytes();
  const bool first = second % settings_.every_s == 0,
             last = second % settings_.every_s == settings_.every_s - 1;
  least_ = first ? rss : std::min(least_, rss);
  most_ = first ? rss : std::max(most_, rss);
  if (!last) return;
  const std::uint32_t aged_before = second - std::min(second, settings_.age_s);
  rows_.push_back({second, least_, most_, life.live().total(), life.live().born_between(0, aged_before),
                   static_cast<std::int64_t>(mallinfo2().fordblks),
                   static_cast<std::int64_t>(life.leaked_bytes()), life.threads(), life.descriptors()});
  if (settings_.walk_every_s && second >= walk_due_s_) {
    walk();
    walk_due_s_ = second + uneven_(settings_.walk_every_s);
    rows_.back().walked = true;
  }
}

void Readings::walk() {
  walker_.walk(walk_);
  // Nothing runs meanwhile, so that a chain can only break on a mistake of the walker's.
  if (!walk_.unusable.empty() || walk_.broken > 0)
    throw std::runtime_error("this program's own heap cannot be walked: " + walk_.unusable);
  walks_.insert(walks_.end(), walk_.counts.begin(), walk_.counts.end());
}

std::vector<std::size_t> Readings::classes_seen() const {
  std::vector<std::size_t> seen;
  for (std::size_t size_class = 0; size_class < chunk_class_count; ++size_class)
    for (std::size_t i = size_class; i < walks_.size(); i += chunk_class_count)
      if (walks_[i] > 0) {
        seen.push_back(size_class);
        break;
      }
  return seen;
}

void Readings::print(std::FILE* out) const {
  const std::vector<std::size_t> classes = classes_seen();
  std::string text =
      "time_s,rss_bytes,heap_live_bytes,heap_aged_bytes,heap_slack_bytes,threads,descriptors,"
      "leaked_bytes";
  const auto end = std::back_inserter(text);
  for (const std::size_t size_class : classes) fmt::format_to(end, ",chunks_{}", chunk_classes()[size_class]);
  const std::string unwalked(classes.size(), ',');
  const float* counts = walks_.data();
  for (const Row& row : rows_) {
    // The judge looks at minima and maxima of blocks of time; a row of its own keeps the latter.
    if (row.rss_most > row.rss_least)
      fmt::format_to(end, "\n{},{},,,,,,{}", row.time_s + 1 - settings_.every_s, row.rss_most, unwalked);
    fmt::format_to(end, "\n{},{},{},{},{},{},{},{}", row.time_s, row.rss_least, row.live, row.aged, row.slack,
                   row.threads, row.descriptors, row.leaked);
    if (!row.walked) {
      text += unwalked;
      continue;
    }
    for (const std::size_t size_class : classes) fmt::format_to(end, ",{}", counts[size_class]);
    counts += chunk_class_count;
  }
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), out);
}

}  // namespace soakline
