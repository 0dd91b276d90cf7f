#include "harness/site_counts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/samples_csv.hpp"
#include "harness/scenario.hpp"

namespace soakline {
namespace {

constexpr double most_takes = 120;  // in the time so far
// A site that keeps nothing shows by an empty epoch of so many that it still allocates.
constexpr std::uint32_t shown_every = 30;
constexpr std::uint32_t none = 0xffffffff;

}  // namespace

void SiteCounts::take(const LiveHeap& live, double time_s, Recording& recording) {
  for (auto& [pid, process] : live.processes()) {
    Known& known = processes_[pid];
    if (known.file != process.id()) {
      bury(known, time_s, recording);
      known = {process.id(), {}, {}, {}, {}, {}};
    }
    follow_sites(pid, process, known, recording);
  }
  if (time_s < due_s_) return;
  add_epochs(live, time_s, recording);
  if (recording.epochs.empty()) return;
  due_s_ = std::max(due_s_ + std::max(live.epoch_s(), time_s / most_takes), time_s);
  for (const auto& [pid, process] : live.processes())
    take_process(process, processes_[pid], time_s, recording);
  std::erase_if(processes_, [&](const auto& entry) {
    if (live.knows(entry.first)) return false;
    bury(entry.second, time_s, recording);
    return true;
  });
}

std::uint32_t SiteCounts::number_of(int pid, std::uint32_t site) const {
  const auto known = processes_.find(pid);
  return known != processes_.end() && site < known->second.numbers.size() ? known->second.numbers[site] : 0;
}

// Those of which all births are of age; a line of site 0 tells of each.
void SiteCounts::add_epochs(const LiveHeap& live, double time_s, Recording& recording) {
  for (auto epoch = static_cast<std::uint32_t>(recording.epochs.size());
       live.began_s(epoch + 1) <= time_s - age_s_; ++epoch) {
    const double to_s = live.began_s(epoch + 1);
    recording.epochs.push_back({epoch == 0 ? to_s : live.began_s(epoch), to_s});
    LiveCell unnamed;
    for (const auto& [pid, process] : live.processes()) {
      if (epoch >= process.epochs() || process.sites() == 0) continue;
      unnamed.blocks += process.cell(epoch, 0).blocks;
      unnamed.bytes += process.cell(epoch, 0).bytes;
    }
    if (recording.site_block_bytes.empty()) recording.site_block_bytes.push_back(0);
    recording.cohorts.push_back({time_s, 0, epoch, std::max(0.0, static_cast<double>(unnamed.blocks)),
                                 std::max(0.0, static_cast<double>(unnamed.bytes))});
  }
}

// Numbers for new ones, and which of them bear blocks now.
void SiteCounts::follow_sites(int pid, const LiveProcess& process, Known& known, Recording& recording) {
  if (process.epochs() == 0) return;
  const std::uint32_t now = process.epochs() - 1;
  for (auto site = static_cast<std::uint32_t>(known.numbers.size()); site < process.sites(); ++site) {
    known.numbers.push_back(static_cast<std::uint32_t>(sites_.size()));
    known.first_alive.push_back(now);
    known.last_alive.push_back(now);
    known.last_shown.push_back(none);
    sites_.push_back({pid, site});
    recording.site_block_bytes.resize(sites_.size());
    recording.site_block_bytes.back() = std::exp2(process.site(site).size_class);
  }
  for (std::uint32_t epoch = now - std::min(now, striped_epochs); epoch <= now; ++epoch)
    for (std::uint32_t site = 0; site < process.sites(); ++site)
      if (process.cell(epoch, site).blocks != 0) known.last_alive[site] = now;
}

void SiteCounts::take_process(const LiveProcess& process, Known& known, double time_s, Recording& recording) {
  const auto aged = std::min(static_cast<std::uint32_t>(recording.epochs.size()), process.epochs());
  for (std::uint32_t epoch = 0; epoch < aged; ++epoch) {
    const bool comes_of_age = epoch >= known.told.size();
    if (comes_of_age) known.told.emplace_back();
    auto& told = known.told[epoch];
    told.resize(process.sites());
    for (std::uint32_t site = 1; site < process.sites(); ++site) {
      const LiveCell cell = process.cell(epoch, site);
      const bool shows = comes_of_age && known.first_alive[site] <= epoch &&
                         (known.last_shown[site] == none ||
                          (known.last_alive[site] >= epoch && epoch >= known.last_shown[site] + shown_every));
      const std::int64_t both = counted(cell.blocks, cell.bytes);
      if (both == told[site] && !shows) continue;
      told[site] = both;
      known.last_shown[site] = comes_of_age ? epoch : known.last_shown[site];
      recording.cohorts.push_back({time_s, known.numbers[site], epoch,
                                   std::max(0.0, static_cast<double>(cell.blocks)),
                                   std::max(0.0, static_cast<double>(cell.bytes))});
    }
  }
}

// A process that is gone keeps nothing.
void SiteCounts::bury(const Known& known, double time_s, Recording& recording) {
  for (std::uint32_t epoch = 0; epoch < known.told.size(); ++epoch)
    for (std::uint32_t site = 1; site < known.told[epoch].size(); ++site)
      if (known.told[epoch][site] != 0)
        recording.cohorts.push_back({time_s, known.numbers[site], epoch, 0, 0});
}

std::string cohort_lines(const Recording& recording, std::size_t from) {
  std::string lines;
  for (std::size_t i = from; i < recording.cohorts.size(); ++i) {
    const CohortCount& count = recording.cohorts[i];
    const Epoch& epoch = recording.epochs[count.epoch];
    fmt::format_to(std::back_inserter(lines), "{:.4f},{},{:.0f},{:.4f},{:.4f},{:.0f},{:.0f}\n", count.time_s,
                   count.site, recording.site_block_bytes[count.site], epoch.from_s, epoch.to_s, count.blocks,
                   count.bytes);
  }
  return lines;
}

void read_cohorts(const std::filesystem::path& file, Recording& recording) {
  if (!std::filesystem::exists(file) || std::filesystem::is_empty(file)) return;
  const Table table = read_samples(file);
  const auto column = [&](const char* name) {
    auto values = table.column(name);
    if (values.size() != table.time_s.size())
      throw ScenarioError(fmt::format("{}: no column {}; restore the file", file.string(), name));
    return values;
  };
  const auto sites = column("site"), sizes = column("size_below"), from_s = column("from_s"),
             to_s = column("to_s"), blocks = column("blocks"), bytes = column("bytes");
  constexpr double most_sites = 1 << 22;
  for (std::size_t row = 0; row < table.time_s.size(); ++row) {
    const auto fail = [&](const char* what) {
      throw ScenarioError(fmt::format("{}:{}: {}", file.string(), row + 2, what));
    };
    if (!(sites[row] >= 0 && sites[row] < most_sites && blocks[row] >= 0 && bytes[row] >= 0 &&
          sizes[row] >= 0 && from_s[row] <= to_s[row] && to_s[row] <= table.time_s[row]))
      fail("a number is missing or cannot be; restore the file");
    const auto site = static_cast<std::uint32_t>(sites[row]);
    auto& epochs = recording.epochs;
    if (site == 0 && (epochs.empty() || epochs.back().to_s < to_s[row])) {
      if (epochs.size() == max_epochs) fail("more epochs than an agent counts; restore the file");
      epochs.push_back({from_s[row], to_s[row]});
    }
    const auto epoch = std::lower_bound(epochs.begin(), epochs.end(), to_s[row],
                                        [](const Epoch& e, double time_s) { return e.to_s < time_s; });
    if (epoch == epochs.end() || epoch->to_s != to_s[row])
      fail("its times are those of no line of site 0; restore the file");
    if (site >= recording.site_block_bytes.size()) recording.site_block_bytes.resize(site + 1);
    recording.site_block_bytes[site] = sizes[row];
    recording.cohorts.push_back({table.time_s[row], site, static_cast<std::uint32_t>(epoch - epochs.begin()),
                                 blocks[row], bytes[row]});
  }
}

}  // namespace soakline
