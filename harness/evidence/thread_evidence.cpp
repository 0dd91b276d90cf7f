#include "harness/evidence/thread_evidence.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <utility>

#include "harness/evidence/creations.hpp"
#include "harness/evidence/thread_stacks.hpp"
#include "harness/proc_files.hpp"

namespace soakline {
namespace {

// Of tens of thousands these tell as much, and a verdict must be there within seconds.
constexpr std::size_t most_looked_at = 2000;

constexpr std::size_t makers_told = 3, waits_told = 5;

struct Thread {
  int pid, tid;
};

// A stack in words, innermost call first; empty where it is not known.
using Calls = std::vector<std::string>;

// Where a thread is. In words, since one that the agent did not start has another stack below the same calls.
struct Place {
  std::string name;
  std::string kernel_function;  // where no call is known and it waits
  Calls calls;
  auto operator<=>(const Place&) const = default;  // NOLINT(modernize-use-nullptr): it has none
};
using Makers = std::map<Calls, double>;  // threads by who created them

// Of the thousands of a run most are alike, and a stack takes long to name.
class NamedStacks {
 public:
  const Calls& operator()(Symbols& symbols, const std::vector<std::uint64_t>& stack) {
    const auto [known, is_new] = named_.try_emplace({&symbols, stack});
    if (is_new && !stack.empty()) known->second = program_part(symbols.told(stack));
    return known->second;
  }

 private:
  std::map<std::pair<const Symbols*, std::vector<std::uint64_t>>, Calls> named_;
};

std::string task_file(const Thread& thread, const char* name) {
  std::array<char, 1024> text;
  std::string_view content =
      open_at(AT_FDCWD, fmt::format("/proc/{}/task/{}/{}", thread.pid, thread.tid, name).c_str(), O_RDONLY)
          .read(text);
  return std::string(content.substr(0, content.find('\n')));
}

double age_s(const Thread& thread) {
  const std::string stat = task_file(thread, "stat");
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double now_s = static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  return now_s - static_cast<double>(stat_field(stat, 22)) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::vector<Thread> kept_threads(std::span<const int> pids, double from_age_s, double to_age_s) {
  std::vector<Thread> all, kept;
  std::vector<char> buffer(32 * 1024);
  std::vector<int> tids;
  for (const int pid : pids) {
    const OpenFile tasks =
        open_at(AT_FDCWD, fmt::format("/proc/{}/task", pid).c_str(), O_RDONLY | O_DIRECTORY);
    if (!tasks.is_open() || !numbers_in(tasks, buffer, tids)) continue;
    for (const int tid : tids) all.push_back({pid, tid});
  }
  for (const Thread& thread : all)
    if (const double age = age_s(thread); age >= from_age_s && age <= to_age_s) kept.push_back(thread);
  return kept.empty() ? all : kept;
}

std::string without_number(const std::string& name) {
  const auto last = name.find_last_not_of("0123456789");
  return last == std::string::npos || last + 1 == name.size() ? name : name.substr(0, last + 1) + "#";
}

Place place_of(const Thread& thread, Symbols& symbols, NamedStacks& named) {
  Place place{without_number(task_file(thread, "comm")), "", {}};
  if (const auto stack = stack_of_waiting(thread.pid, thread.tid))
    place.calls = named(symbols, unwind_waiting(symbols, *stack));
  else if (std::string wait = task_file(thread, "wchan"); wait != "0")
    place.kernel_function = std::move(wait);
  return place;
}

// Not all threads are recorded; what waits in the same place comes from where most of the others do.
void spread_unknown(Makers& makers) {
  const auto unknown = makers.extract(Calls());
  const auto usual = std::max_element(makers.begin(), makers.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  if (unknown && usual == makers.end())
    makers[{}] = unknown.mapped();
  else if (unknown)
    usual->second += unknown.mapped();
}

// The wait and the creator in two lines, then how the wait came about.
std::vector<std::string> frames_of(const Place& place, const Calls& maker) {
  std::vector<std::string> frames;
  if (!place.calls.empty())
    frames.push_back(fmt::format("{} waiting in {}", place.name, place.calls[0]));
  else
    frames.push_back(fmt::format("{} in {}", place.name,
                                 place.kernel_function.empty() ? "user code" : place.kernel_function));
  if (!maker.empty()) frames.push_back(told_in_a_line("created by", maker, makers_told));
  if (place.calls.size() > 1) frames.push_back(told_in_a_line("the whole wait:", place.calls, waits_told));
  return frames;
}

}  // namespace

std::vector<EvidenceGroup> thread_groups(std::span<const int> pids, const LiveHeap& live,
                                         SymbolsByPid& symbols, double from_age_s, double to_age_s) {
  const auto threads = kept_threads(pids, from_age_s, to_age_s);
  std::map<int, std::map<int, CreationRecord>> creations;
  for (const auto& [pid, process] : live.processes()) creations[pid] = thread_creations(process);
  const std::size_t step = (threads.size() + most_looked_at - 1) / most_looked_at;
  NamedStacks named;
  std::map<Place, Makers> places;
  for (std::size_t i = 0; i < threads.size(); i += step) {
    Symbols& names = symbols_of(symbols, threads[i].pid);
    const auto& records = creations[threads[i].pid];
    const auto record = records.find(threads[i].tid);
    const Calls maker =
        record == records.end() ? Calls() : named(names, names.unwind(stack_of(record->second)));
    places[place_of(threads[i], names, named)][maker] += static_cast<double>(step);
  }
  std::map<std::vector<std::string>, double> numbers;
  for (auto& [place, makers] : places) {
    spread_unknown(makers);
    for (const auto& [maker, number] : makers) numbers[frames_of(place, maker)] += number;
  }
  std::vector<EvidenceGroup> groups;
  for (const auto& [frames, number] : numbers) {
    groups.push_back({number, frames});
    groups.back().frames[0] = fmt::format("{}{:.0f} × {}", step > 1 ? "about " : "", number, frames[0]);
  }
  return groups;
}

}  // namespace soakline
