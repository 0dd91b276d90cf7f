#include "harness/process_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

namespace soakline {
namespace {

// A closed descriptor's number is handed out again at once; so many are read again at each sample that a new
// owner of an old number is noticed within seconds, at a bounded cost.
constexpr std::size_t rechecks_a_sample = 16;

const double ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
const double page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));

struct Link {
  std::uint64_t identity = 0;
  DescriptorKind kind = DescriptorKind::other;
};

// What a descriptor points at; sockets and pipes carry their inode in it. Identity 0 if it is gone.
Link read_link(int directory, int fd) {
  char path[16], text[256];
  std::snprintf(path, sizeof path, "%d", fd);
  const ssize_t size = readlinkat(directory, path, text, sizeof text);
  if (size <= 0) return {};
  const std::string_view target(text, static_cast<std::size_t>(size));
  const auto kind = target.starts_with("socket:")      ? DescriptorKind::socket
                    : target.starts_with("pipe:")      ? DescriptorKind::pipe
                    : target.starts_with("anon_inode") ? DescriptorKind::other
                                                       : DescriptorKind::file;
  return {std::hash<std::string_view>{}(target) | 1, kind};
}

}  // namespace

ProcessFiles::ProcessFiles(int pid) : pid_(pid), buffer_(32 * 1024) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d", pid);
  directory_ = open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  statm_ = open_at(directory_.fd(), "statm", O_RDONLY);
  stat_ = open_at(directory_.fd(), "stat", O_RDONLY);
  task_ = open_at(directory_.fd(), "task", O_RDONLY | O_DIRECTORY);
  fd_ = open_at(directory_.fd(), "fd", O_RDONLY | O_DIRECTORY);
  smaps_rollup_ = open_at(directory_.fd(), "smaps_rollup", O_RDONLY);
  for (auto* known : {&threads_, &descriptors_, &merged_}) known->reserve(256);
  numbers_.reserve(256);
}

bool ProcessFiles::sample(const SampleClock& clock, TreeSums& sums, Lives& threads, Lives& descriptors,
                          std::vector<IdentityChange>& thread_changes,
                          std::vector<IdentityChange>& descriptor_changes) {
  char text[1024];
  const std::string_view statm = statm_.read(text);
  if (nth_number(statm, 1) == 0) return false;  // gone, or a zombie: it holds nothing any more
  const auto resident = static_cast<double>(nth_number(statm, 2));
  sums.rss_bytes += resident * page_bytes;
  sums.anon_bytes += (resident - static_cast<double>(nth_number(statm, 3))) * page_bytes;

  const std::string_view stat = stat_.read(text);
  const auto state = stat.rfind(')');
  if (state != std::string_view::npos && state + 2 < stat.size())
    sums.stopped = sums.stopped || stat[state + 2] == 'T' || stat[state + 2] == 't';
  double ticks = 0;
  for (int field = 14; field <= 17; ++field) ticks += static_cast<double>(stat_field(stat, field));
  sums.cpu_s += ticks / ticks_per_s;

  if (numbers_in(task_, buffer_, numbers_)) {
    merge(
        threads_, [&](int tid) { return thread(tid, clock, threads, thread_changes); }, clock.time_s, threads,
        thread_changes);
    sums.threads += static_cast<double>(threads_.size());
  } else {
    sums.threads = missing;
  }
  if (fd_.is_open() && numbers_in(fd_, buffer_, numbers_)) {
    merge(
        descriptors_, [&](int fd) { return descriptor(fd, clock, descriptors, descriptor_changes); },
        clock.time_s, descriptors, descriptor_changes);
    recheck_descriptors(clock, descriptors, descriptor_changes);
    sums.descriptors += static_cast<double>(descriptors_.size());
    for (const Known& known : descriptors_) sums.by_kind[static_cast<std::size_t>(known.kind)] += 1;
  } else {
    sums.descriptors = missing;  // another user's process hides them
  }
  return true;
}

ProcessFiles::Known ProcessFiles::thread(int tid, const SampleClock& clock, Lives& lives,
                                         std::vector<IdentityChange>& changes) const {
  char path[32], line[1024];
  std::snprintf(path, sizeof path, "%d/stat", tid);
  const std::uint64_t start = stat_field(open_at(task_.fd(), path, O_RDONLY).read(line), 22);
  const double born_s =
      start == 0 ? clock.time_s : static_cast<double>(start) / ticks_per_s - clock.boot_to_ready_s;
  changes.push_back({pid_, tid, start, born_s, true});
  return {tid, lives.born(born_s), start, DescriptorKind::other};
}

ProcessFiles::Known ProcessFiles::descriptor(int fd, const SampleClock& clock, Lives& lives,
                                             std::vector<IdentityChange>& changes) const {
  const Link link = read_link(fd_.fd(), fd);
  changes.push_back({pid_, fd, link.identity, clock.time_s, true});
  return {fd, lives.born(clock.time_s), link.identity, link.kind};
}

void ProcessFiles::drop(const Known& known, double time_s, Lives& lives,
                        std::vector<IdentityChange>& changes) const {
  lives.gone(known.slot, time_s);
  changes.push_back({pid_, known.number, known.identity, time_s, false});
}

// Both lists ascend: one pass finds who came (`make`) and who went.
void ProcessFiles::merge(std::vector<Known>& known, auto&& make, double time_s, Lives& lives,
                         std::vector<IdentityChange>& changes) {
  merged_.clear();
  auto old = known.begin();
  for (const int number : numbers_) {
    for (; old != known.end() && old->number < number; ++old) drop(*old, time_s, lives, changes);
    if (old != known.end() && old->number == number)
      merged_.push_back(*old++);
    else
      merged_.push_back(make(number));
  }
  for (; old != known.end(); ++old) drop(*old, time_s, lives, changes);
  known.swap(merged_);
}

void ProcessFiles::recheck_descriptors(const SampleClock& clock, Lives& lives,
                                       std::vector<IdentityChange>& changes) {
  for (std::size_t i = 0; i < std::min(rechecks_a_sample, descriptors_.size()); ++i) {
    next_recheck_ = (next_recheck_ + 1) % descriptors_.size();
    Known& known = descriptors_[next_recheck_];
    if (read_link(fd_.fd(), known.number).identity == known.identity) continue;
    drop(known, clock.time_s, lives, changes);
    known = descriptor(known.number, clock, lives, changes);
  }
}

void ProcessFiles::end(double time_s, Lives& threads, Lives& descriptors,
                       std::vector<IdentityChange>& thread_changes,
                       std::vector<IdentityChange>& descriptor_changes) {
  for (const Known& known : threads_) drop(known, time_s, threads, thread_changes);
  for (const Known& known : descriptors_) drop(known, time_s, descriptors, descriptor_changes);
  threads_.clear();
  descriptors_.clear();
}

double ProcessFiles::rollup_bytes(std::string_view name) {
  return kilobytes_of(smaps_rollup_.read(buffer_), name);
}

}  // namespace soakline
