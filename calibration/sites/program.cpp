#include "calibration/sites/program.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {

constexpr double epochs_an_age = 6;
constexpr double operations_per_s = 1000;
constexpr double row_s = 5;
constexpr double outside_the_heap_bytes = 20e6;

// Counts of one site by epoch, as deaths come in.
class Counted {
 public:
  Counted(std::uint32_t number, const SimulatedSite& site, std::size_t epochs, double epoch_s)
      : number_(number), bytes_(site.block_bytes), blocks_(epochs) {
    for (const Lifetime& block : site.blocks) {
      const auto epoch = static_cast<std::size_t>(std::max(0.0, std::floor(block.born_s / epoch_s) + 1));
      if (epoch >= epochs) continue;
      ++blocks_[epoch];
      deaths_.push_back({block.gone_s, epoch});
      first_ = std::min(first_, epoch);
    }
    std::sort(deaths_.begin(), deaths_.end());
    told_.assign(epochs, 0);
  }

  // Cohorts of age, up to `aged`, that have changed.
  void count(double now_s, std::size_t aged, std::vector<CohortCount>& counts) {
    for (; died_ < deaths_.size() && deaths_[died_].first <= now_s; ++died_) --blocks_[deaths_[died_].second];
    const bool shows = first_ < aged && (aged - 1 - first_) % epochs_to_show_again == 0;
    for (std::size_t epoch = 0; epoch < aged; ++epoch)
      if (blocks_[epoch] != told_[epoch] || (shows && epoch + 1 == aged) || number_ == 0) {
        if (number_ == 0 && epoch + 1 != aged) continue;
        counts.push_back(
            {now_s, number_, static_cast<std::uint32_t>(epoch), blocks_[epoch], blocks_[epoch] * bytes_});
        told_[epoch] = blocks_[epoch];
      }
  }

 private:
  static constexpr std::size_t epochs_to_show_again = 30;
  std::uint32_t number_;
  double bytes_;
  std::vector<double> blocks_, told_;
  std::vector<std::pair<double, std::size_t>> deaths_;
  std::size_t died_ = 0, first_ = static_cast<std::size_t>(-1);
};

// Bytes of all blocks older than the age, row by row.
std::vector<double> aged_bytes(const SimulatedProgram& program, const std::vector<double>& rows) {
  std::vector<double> changes(rows.size() + 1);
  const auto row_at = [&](double time_s) {
    return static_cast<std::size_t>(std::lower_bound(rows.begin(), rows.end(), time_s) - rows.begin());
  };
  for (const SimulatedSite& site : program.sites)
    for (const Lifetime& block : site.blocks) {
      if (block.gone_s - block.born_s <= program.age_s) continue;
      changes[row_at(block.born_s + program.age_s)] += site.block_bytes;
      changes[row_at(block.gone_s)] -= site.block_bytes;
    }
  std::vector<double> bytes;
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) bytes.push_back(sum += changes[i]);
  return bytes;
}

}  // namespace

bool LoadCycle::is_on(double time_s) const {
  return period_s == 0 || time_s - period_s * std::floor(time_s / period_s) < share_on * period_s;
}

double LoadCycle::operations(double time_s) const {
  if (period_s == 0) return time_s * operations_per_s;
  const double cycles = std::floor(time_s / period_s), rest_s = time_s - cycles * period_s;
  return (cycles * share_on * period_s + std::min(rest_s, share_on * period_s)) * operations_per_s;
}

Recording SimulatedProgram::recording() const {
  Recording recording;
  for (double row = 0; row <= time_s; row += row_s) {
    recording.time_s.push_back(row);
    recording.operations.push_back(load.operations(row));
  }
  recording.heap_aged_bytes = recording.heap_live_bytes = aged_bytes(*this, recording.time_s);
  for (const double live : recording.heap_live_bytes)
    recording.rss_bytes.push_back(live + outside_the_heap_bytes);

  const double epoch_s = age_s / epochs_an_age;
  const auto epochs = static_cast<std::size_t>(time_s / epoch_s) + 2;
  recording.epochs.push_back({0, 0});  // what was there before
  for (std::size_t i = 1; i < epochs; ++i)
    recording.epochs.push_back({static_cast<double>(i - 1) * epoch_s, static_cast<double>(i) * epoch_s});
  std::vector<Counted> counted;
  recording.site_block_bytes.push_back(0);
  counted.emplace_back(0, SimulatedSite{}, epochs, epoch_s);
  for (const SimulatedSite& site : sites) {
    recording.site_block_bytes.push_back(std::exp2(std::floor(std::log2(site.block_bytes)) + 1));
    counted.emplace_back(static_cast<std::uint32_t>(counted.size()), site, epochs, epoch_s);
  }
  for (double now_s = age_s; now_s <= time_s; now_s += epoch_s) {
    const auto aged = static_cast<std::size_t>((now_s - age_s) / epoch_s + 1e-6) + 1;
    for (Counted& site : counted) site.count(now_s, aged, recording.cohorts);
  }
  return recording;
}

void bear(SimulatedSite& site, Chance& chance, double from_s, double to_s, double most_per_s,
          const Rate& rate, const Death& death) {
  for (double time_s = from_s + chance.exponential(1 / most_per_s); time_s < to_s;
       time_s += chance.exponential(1 / most_per_s))
    if (chance.happens(rate(time_s) / most_per_s)) site.blocks.push_back({time_s, death(time_s)});
}

}  // namespace soakline
