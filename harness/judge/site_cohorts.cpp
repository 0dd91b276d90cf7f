#include "harness/judge/site_cohorts.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {

// How much of what survives may come with the load's operations rather than with time.
constexpr double load_shares[] = {0, 0.5, 0.95};
constexpr std::ptrdiff_t least_faults = 6;  // that left the like behind

double middle_s(const Epoch& epoch) {
  return (epoch.from_s + epoch.to_s) / 2;
}

// What share of all survivors is expected of each epoch.
std::vector<double> expected_shares(const BirthWindow& window, double load_share) {
  const double operations = window.all_operations();
  std::vector<double> shares;
  for (std::size_t i = 0; i < window.epochs.size(); ++i) {
    const double by_time = (window.epochs[i].to_s - window.epochs[i].from_s) / window.seconds();
    const double by_load = operations > 0 ? window.operations[i] / operations : by_time;
    shares.push_back(load_share * by_load + (1 - load_share) * by_time);
  }
  return shares;
}

// Variance over mean of counts that come by these shares: Pearson's statistic over its degrees of freedom.
double dispersion_of(std::span<const double> blocks, std::span<const double> shares, double total) {
  if (blocks.size() < 2 || total <= 0) return 1;
  double sum = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const double expected = std::max(total * shares[i], 1e-9);
    sum += (blocks[i] - expected) * (blocks[i] - expected) / expected;
  }
  return sum / static_cast<double>(blocks.size() - 1);
}

// What lies in the same minute added up.
std::vector<double> by_minute(const BirthWindow& window, std::span<const double> values, double minute_s) {
  std::vector<double> sums;
  double end_s = -never_s;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (window.epochs[i].to_s > end_s) {
      sums.push_back(0);
      end_s = window.epochs[i].from_s + minute_s;
    }
    sums.back() += values[i];
  }
  return sums;
}

// Of their sums from one fault to the next; never_s where that are too few to tell. What each leaves behind
// comes in bursts that are all alike.
double dispersion_between_faults(const BirthWindow& window, std::span<const double> blocks,
                                 std::span<const double> faults_s) {
  const double from_s = window.epochs.front().from_s, to_s = window.epochs.back().to_s;
  const auto first = std::lower_bound(faults_s.begin(), faults_s.end(), from_s);
  const auto last = std::upper_bound(first, faults_s.end(), to_s);
  if (last - first <= least_faults) return never_s;
  std::vector<double> sums(static_cast<std::size_t>(last - first) - 1, 0);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto next = std::upper_bound(first, last, middle_s(window.epochs[i]));
    if (next != first && next != last) sums[static_cast<std::size_t>(next - first) - 1] += blocks[i];
  }
  const std::vector<double> alike(sums.size(), 1 / static_cast<double>(sums.size()));
  return dispersion_of(sums, alike, std::accumulate(sums.begin(), sums.end(), 0.0));
}

// From the older and the younger half of the epochs.
double slowing_bound(const BirthWindow& window, std::span<const double> blocks,
                     std::span<const double> shares, double dispersion, double start_s) {
  struct Half {
    double blocks = 0.5, share = 1e-9, centre_s = 0;
  } older, younger;
  const std::size_t middle = blocks.size() / 2;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Half& half = i < middle ? older : younger;
    half.blocks += blocks[i];
    half.share += shares[i];
    half.centre_s += (middle_s(window.epochs[i]) - start_s) /
                     static_cast<double>(i < middle ? middle : blocks.size() - middle);
  }
  const double time_ratio = std::log(younger.centre_s / older.centre_s);
  const double rate_ratio = std::log(younger.blocks / younger.share * older.share / older.blocks);
  return (-rate_ratio + std::sqrt(dispersion * (1 / older.blocks + 1 / younger.blocks))) / time_ratio;
}

}  // namespace

void LoadCurve::add(double time_s, double operations) {
  if (std::isnan(operations)) return;
  time_s_.push_back(time_s);
  operations_.push_back(operations);
}

double LoadCurve::until(double time_s) const {
  const auto next =
      static_cast<std::size_t>(std::lower_bound(time_s_.begin(), time_s_.end(), time_s) - time_s_.begin());
  if (next == 0) return operations_.empty() ? 0 : operations_.front();
  if (next == time_s_.size()) return operations_.back();
  const double part = (time_s - time_s_[next - 1]) / (time_s_[next] - time_s_[next - 1]);
  return operations_[next - 1] + part * (operations_[next] - operations_[next - 1]);
}

double LoadCurve::operations(const Epoch& epoch) const {
  return std::max(0.0, until(epoch.to_s) - until(epoch.from_s));
}

void SiteCohorts::set(const CohortCount& count, const Epoch& epoch) {
  if (blocks_.empty()) first_epoch_ = count.epoch;
  if (count.epoch < first_epoch_) {
    const std::size_t more = first_epoch_ - count.epoch;
    blocks_.insert(blocks_.begin(), more, 0);
    bytes_.insert(bytes_.begin(), more, 0);
    bytes_at_first_.insert(bytes_at_first_.begin(), more, 0);
    first_epoch_ = count.epoch;
  }
  const std::size_t place = count.epoch - first_epoch_;
  if (place >= blocks_.size()) {
    blocks_.resize(place + 1);
    bytes_.resize(place + 1);
    bytes_at_first_.resize(place + 1);
  }
  const double died = blocks_[place] - count.blocks;
  for (std::size_t age = 0; age < ages && died > 0; ++age)
    if (count.time_s - middle_s(epoch) >= age_s(age)) deaths_[age] += died;
  if (blocks_[place] == 0 && count.blocks > 0) bytes_at_first_[place] = count.bytes / count.blocks;
  blocks_[place] = count.blocks;
  bytes_[place] = count.bytes;
}

void SiteCohorts::advance(double now_s, std::span<const Epoch> epochs) {
  double aged = 0, extended = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i] == 0) continue;
    aged += blocks_[i];
    extended += bytes_[i] - blocks_[i] * bytes_at_first_[i];
    for (std::size_t age = 0; age < ages; ++age) {
      const double since_s = std::max(now_s_, middle_s(epochs[first_epoch_ + i]) + age_s(age));
      if (since_s >= now_s) break;
      lived_s_[age] += blocks_[i] * (now_s - since_s);
    }
  }
  now_s_ = now_s;
  look_s_.push_back(now_s);
  aged_.push_back(aged);
  extended_.push_back(extended);
}

double SiteCohorts::since(double time_s, const std::vector<double>& by_look) const {
  if (by_look.empty()) return 0;
  const auto after = std::upper_bound(look_s_.begin(), look_s_.end(), time_s);
  const auto look = static_cast<std::size_t>(after - look_s_.begin());
  return by_look.back() - (look == 0 ? 0 : by_look[look - 1]);
}

std::vector<double> SiteCohorts::counts(const BirthWindow& window) const {
  std::vector<double> blocks(window.epochs.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::size_t epoch = window.first_epoch + i;
    if (epoch >= first_epoch_ && epoch < first_epoch_ + blocks_.size())
      blocks[i] = blocks_[epoch - first_epoch_];
  }
  return blocks;
}

double SiteCohorts::sum(const std::vector<double>& values, const BirthWindow& window) const {
  const std::size_t from = std::max(window.first_epoch, first_epoch_);
  const std::size_t to = std::min(window.first_epoch + window.epochs.size(), first_epoch_ + values.size());
  if (from >= to) return 0;
  const auto first = values.begin() - static_cast<std::ptrdiff_t>(first_epoch_);
  return std::accumulate(first + static_cast<std::ptrdiff_t>(from), first + static_cast<std::ptrdiff_t>(to),
                         0.0);
}

Survival SiteCohorts::survival(const BirthWindow& window, double minute_s, double start_s,
                               std::span<const double> faults_s) const {
  const auto blocks = counts(window);
  Survival survival;
  survival.blocks = this->blocks(window);
  survival.bytes = bytes(window);
  if (survival.blocks <= 0) return survival;
  const bool loaded = window.all_operations() > 0;
  const auto minutes = by_minute(window, blocks, minute_s);
  survival.dispersion = never_s;
  for (const double load_share : load_shares) {
    if (load_share > 0 && !loaded) break;
    const auto shares = expected_shares(window, load_share);
    const double dispersion =
        std::max({1.0, dispersion_of(blocks, shares, survival.blocks),
                  dispersion_of(minutes, by_minute(window, shares, minute_s), survival.blocks)});
    if (dispersion >= survival.dispersion) continue;
    survival.dispersion = dispersion;
    survival.load_share = load_share;
    survival.slowing = slowing_bound(window, blocks, shares, dispersion, start_s);
  }
  survival.unevenness = survival.dispersion;
  const double by_fault = std::max(1.0, dispersion_between_faults(window, blocks, faults_s));
  if (by_fault >= survival.dispersion) return survival;
  survival.unevenness = by_fault;
  survival.slowing = slowing_bound(window, blocks, expected_shares(window, 0), by_fault, start_s);
  return survival;
}

}  // namespace soakline
