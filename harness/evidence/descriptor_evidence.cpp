#include "harness/evidence/descriptor_evidence.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <tuple>

#include "harness/evidence/creations.hpp"

namespace soakline {
namespace {

constexpr std::size_t calls_told = 4;

struct Descriptor {
  int pid = 0;
  std::string target;
  std::vector<std::uint64_t> maker;  // addresses; empty where they are not known
};

// "socket:[123]" is a socket whatever its number, "anon_inode:[eventpoll]" an eventpoll.
std::string kind_of_link(const std::string& target) {
  constexpr std::string_view anonymous = "anon_inode:";
  if (target.starts_with(anonymous)) {
    const std::string name = target.substr(anonymous.size());
    return name.starts_with('[') ? name.substr(1, name.size() - 2) : name;
  }
  const auto bracket = target.find(":[");
  return bracket == std::string::npos ? target : target.substr(0, bracket);
}

std::vector<Descriptor> kept(const Descriptors& now, const Descriptors& before, const LiveHeap& live,
                             SymbolsByPid& symbols, double least_age_s) {
  std::vector<Descriptor> found;
  for (const auto& [which, target] : now) {
    const auto [pid, number] = which;
    if (const auto known = before.find(which); known != before.end() && known->second == target) continue;
    Descriptor descriptor{pid, target, {}};
    const auto process = live.processes().find(pid);
    if (process != live.processes().end())
      if (const auto record = descriptor_creation(process->second, pid, number)) {
        if (age_s(*record) < least_age_s) continue;
        descriptor.maker = symbols_of(symbols, pid).unwind(stack_of(*record));
      }
    found.push_back(std::move(descriptor));
  }
  return found;
}

}  // namespace

Descriptors read_descriptors(std::span<const int> pids) {
  Descriptors found;
  std::error_code gone;
  for (const int pid : pids)
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), gone)) {
      const auto target = std::filesystem::read_symlink(entry.path(), gone);
      if (!gone) found[{pid, std::stoi(entry.path().filename())}] = target.string();
    }
  return found;
}

std::vector<EvidenceGroup> descriptor_groups(std::span<const int> pids, const LiveHeap& live,
                                             SymbolsByPid& symbols, const Descriptors& before, double age_s) {
  const Descriptors now = read_descriptors(pids);
  auto descriptors = kept(now, before, live, symbols, age_s);
  if (descriptors.empty()) descriptors = kept(now, {}, live, symbols, 0);

  // A call opens files of many names: one group, called after one of them.
  struct Origin {
    int pid;
    std::string kind;
    std::vector<std::uint64_t> maker;
    bool operator<(const Origin& other) const {
      return std::tie(pid, kind, maker) < std::tie(other.pid, other.kind, other.maker);
    }
  };
  std::map<Origin, std::pair<double, std::string>> origins;
  for (const Descriptor& descriptor : descriptors) {
    const std::string kind = kind_of_link(descriptor.target);
    const bool several = !descriptor.maker.empty() && kind.starts_with('/');
    auto& [number, name] = origins[{descriptor.pid, several ? "/" : kind, descriptor.maker}];
    if (number == 0)
      name = kind;
    else if (name != kind && !name.starts_with("files such as "))
      name.insert(0, "files such as ");
    ++number;
  }
  std::map<std::vector<std::string>, double> numbers;
  for (const auto& [origin, of] : origins) {
    std::vector<std::string> frames = {of.second};
    if (!origin.maker.empty())
      frames.push_back(told_in_a_line(
          "opened by", program_part(symbols_of(symbols, origin.pid).told(origin.maker)), calls_told));
    numbers[frames] += of.first;
  }
  std::vector<EvidenceGroup> groups;
  for (const auto& [frames, number] : numbers) {
    groups.push_back({number, frames});
    groups.back().frames[0] = fmt::format("{:.0f} × {}", number, frames[0]);
  }
  return groups;
}

}  // namespace soakline
