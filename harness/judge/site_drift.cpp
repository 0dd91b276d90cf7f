#include "harness/judge/site_drift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/judge/poisson_evidence.hpp"

namespace soakline {
namespace {

// Figures from "By allocation site" (docs/judge.md), where W = 120 s; times are scaled with W.
constexpr double study_warmup_s = 120;
constexpr double alpha = 0.001;  // of a false fail
constexpr double evidence_to_fail = 4 / alpha;
constexpr int looks_to_fail_by_site = 3;
constexpr double first_look_s = 80;   // after the first births that are judged have come of age
constexpr double epochs_an_age = 6;   // a look every epoch, or
constexpr double look_ratio = 120;    // every so many parts of the time
constexpr double horizon_s = 7200;    // what will have died by then is no leak
constexpr double most_deaths = 1;     // of a block in that time
constexpr double prior_deaths = 1.6;  // for each of the dispersion
constexpr double most_slowing = 0.5;
constexpr double least_recent = 0.5;               // of what the rate says
constexpr double stopped_s[] = {10, 30, 60, 120};  // over which births that stopped show
constexpr double stopped_errors = 2;
constexpr double recent_s = 180, minute_s = 60, least_pass_s = 300, least_before_s = 60;
constexpr double windows_s[] = {never_s, 360, 720, 1440};
constexpr std::size_t least_epochs = 6;
constexpr double shown_every_ages = 6;  // a site that bears blocks has a count at least that often
constexpr double pass_errors = 3.3, rare_blocks = 7;
constexpr double smallest_block = 32;          // of glibc
constexpr double interval_errors = 2.576;      // 99 %
constexpr double least_suspect_share = 0.005;  // a call that leaks may allocate in many places below it

SiteDrift::Bound smaller(const SiteDrift::Bound& a, const SiteDrift::Bound& b) {
  const auto upper = [](const SiteDrift::Bound& bound) {
    return bound.rate + pass_errors * std::sqrt(bound.variance) + rare_blocks * bound.block;
  };
  return upper(b) < upper(a) ? b : a;
}

double scale_of(const JudgeSettings& settings) {
  return std::min(1.0, std::max(settings.warmup_s / study_warmup_s, 1 / settings.compression));
}

}  // namespace

double needed_by_site_s(const JudgeSettings& settings) {
  const double scale = scale_of(settings);
  return settings.age_s + std::max(settings.settle_s, settings.warmup_s + least_pass_s * scale) +
         looks_to_fail_by_site * settings.age_s / epochs_an_age;
}

SiteDrift::SiteDrift(const JudgeSettings& settings)
    : settings_(settings),
      scale_(scale_of(settings) * std::min(1.0, settings.time_s / needed_by_site_s(settings))),
      limit_per_s_(settings.memory.fail * settings.compression / 86'400),
      tolerated_per_s_(settings.memory.tolerate * settings.compression / 86'400),
      next_look_s_(settings.warmup_s + settings.age_s + first_look_s * scale_) {}

Assessment SiteDrift::look(const Recording& recording, const Disturbances& disturbed) {
  const bool quiet = !disturbed.contains(next_look_s_);
  const bool news = quiet && take_counts(recording, disturbed);
  const double until_next_s = std::max(settings_.age_s / epochs_an_age, next_look_s_ / look_ratio);
  next_look_s_ += until_next_s;
  if (news) {
    last_ = {};
    assess_room(last_, recording);
    assess_growth(last_);
  } else if (quiet && next_look_s_ - now_s_ > looks_to_fail_by_site * until_next_s) {
    last_ = {};
    last_.reason = "counts by allocation site are missing";
  }
  return last_;
}

// Of the counts made amid a fault only the last of each site and epoch tells what was kept.
bool SiteDrift::take_counts(const Recording& recording, const Disturbances& disturbed) {
  const auto& counts = recording.cohorts;
  const std::size_t before = counts_taken_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, CohortCount> amid;
  const auto take_those_amid = [&] {
    for (const auto& [of, count] : amid) take(count, recording);
    amid.clear();
  };
  for (; counts_taken_ < counts.size() && counts[counts_taken_].time_s <= next_look_s_; ++counts_taken_) {
    const CohortCount& count = counts[counts_taken_];
    if (count.epoch >= recording.epochs.size()) continue;
    now_s_ = count.time_s;
    if (disturbed.contains(count.time_s)) {
      amid[{count.site, count.epoch}] = count;
      continue;
    }
    take_those_amid();
    take(count, recording);
  }
  take_those_amid();
  if (counts_taken_ == before) return false;
  for (auto& [number, site] : sites_) site.advance(now_s_, epochs_);
  faults_s_.clear();
  for (const Window& fault : recording.faults)
    if (fault.begin_s <= next_look_s_) faults_s_.push_back(fault.begin_s);
  for (const LostBlocks& lost : recording.lost_blocks)
    if (lost.time_s <= next_look_s_) lost_share_[lost.site] = lost.share;
  return true;
}

void SiteDrift::take(const CohortCount& count, const Recording& recording) {
  for (std::size_t i = epochs_.size(); i <= count.epoch; ++i) {
    epochs_.push_back(recording.epochs[i]);
    operations_.push_back(load_.operations(recording.epochs[i]));
  }
  sites_.try_emplace(count.site, settings_.age_s).first->second.set(count, epochs_[count.epoch]);
}

// What a site bears in its own warm-up is not judged either.
double SiteDrift::judged_from_s(const SiteCohorts& site) const {
  return settings_.warmup_s + std::max(0.0, epochs_[site.first_epoch()].from_s);
}

// Epochs as a whole between the times.
BirthWindow SiteDrift::window(double from_s, double to_s) const {
  const auto first =
      std::lower_bound(epochs_.begin(), epochs_.end(), from_s,
                       [](const Epoch& epoch, double time_s) { return epoch.from_s < time_s; });
  const auto last = std::upper_bound(first, epochs_.end(), to_s,
                                     [](double time_s, const Epoch& epoch) { return time_s < epoch.to_s; });
  const auto at = static_cast<std::size_t>(first - epochs_.begin());
  const auto number = static_cast<std::size_t>(last - first);
  return {at, std::span(epochs_).subspan(at, number), std::span(operations_).subspan(at, number)};
}

// By the age and the window that show most of it for certain.
SiteDrift::Rate SiteDrift::rate_of(std::uint32_t number, const SiteCohorts& site) const {
  Rate best{number};
  double most = 0;
  for (std::size_t age = 0; age < SiteCohorts::ages; ++age)
    for (const double last_s : windows_s) {
      const auto rate = rate_in(site, age, last_s * scale_);
      if (!rate) continue;
      const double certain = rate->bytes - 2 * std::sqrt(rate->variance);
      if (certain <= most) continue;
      most = certain;
      best = *rate;
      best.site = number;
    }
  return best;
}

// Nothing where it does not look like a leak.
std::optional<SiteDrift::Rate> SiteDrift::rate_in(const SiteCohorts& site, std::size_t age,
                                                  double last_s) const {
  const double to_s = now_s_ - site.age_s(age), all_from_s = judged_from_s(site);
  const bool late = last_s < never_s;
  const BirthWindow births = window(late ? std::max(all_from_s, to_s - last_s) : all_from_s, to_s);
  if (births.epochs.size() < least_epochs) return std::nullopt;
  const double seconds = births.seconds();
  const Survival seen = site.survival(births, minute_s * scale_, start_s(site), faults_s_);
  if (seen.blocks <= 0) return std::nullopt;
  if (late) {
    const BirthWindow before = window(all_from_s, births.epochs.front().from_s);
    if (before.seconds() < least_before_s * scale_) return std::nullopt;
    const double rate = site.blocks(before) / before.seconds();
    const double unevenness =
        std::sqrt(std::max(1.0, seen.blocks / static_cast<double>(births.epochs.size())));
    if (seen.blocks / seconds < 1.5 * rate + 3 * std::sqrt(rate / before.seconds()) * unevenness)
      return std::nullopt;
  }
  const double hazard =
      (site.deaths(age) + prior_deaths * seen.unevenness) / std::max(site.lived_s(age), 1e-9);
  if (hazard * horizon_s * scale_ > most_deaths || seen.slowing > most_slowing) return std::nullopt;
  if (!goes_on(site, seen, births, std::max(site.age_s(age), recent_s * scale_))) return std::nullopt;
  if (!late && turns_over(site, seen, births)) return std::nullopt;
  Rate rate;
  rate.survivors = seen.bytes / seconds;
  rate.bytes = rate.survivors * std::exp(-hazard * horizon_s * scale_);
  rate.variance = seen.unevenness * seen.block_bytes() * seen.bytes / (seconds * seconds);
  return rate;
}

// How many survivors the window says there are of other births, by their time and the load in it.
double SiteDrift::expected(const Survival& seen, const BirthWindow& births, const BirthWindow& others) {
  const double operations = births.all_operations();
  const double by_load = operations > 0 ? others.all_operations() / operations : 0;
  return seen.blocks *
         (seen.load_share * by_load + (1 - seen.load_share) * others.seconds() / births.seconds());
}

// Clearly less than half of what the window says.
bool SiteDrift::clearly_fewer(const SiteCohorts& site, const Survival& seen, const BirthWindow& births,
                              const BirthWindow& others) {
  const double wanted = least_recent * expected(seen, births, others);
  return site.blocks(others) < wanted - stopped_errors * std::sqrt(seen.dispersion * wanted);
}

// Whether as much as before has lately come of age, and blocks older than A have become more.
bool SiteDrift::goes_on(const SiteCohorts& site, const Survival& seen, const BirthWindow& births,
                        double last_s) const {
  const double came_until_s = now_s_ - settings_.age_s;
  for (const double span_s : stopped_s)
    if (clearly_fewer(site, seen, births, window(came_until_s - span_s * scale_, came_until_s))) return false;
  return site.grown_since(now_s_ - last_s) >=
         least_recent * expected(seen, births, window(came_until_s - last_s, came_until_s));
}

// Whether what was born longer than settle ago, warm-up included, is gone, as what turns over has to be by
// then.
bool SiteDrift::turns_over(const SiteCohorts& site, const Survival& seen, const BirthWindow& births) const {
  const BirthWindow settled = window(start_s(site), now_s_ - settings_.settle_s);
  return settled.seconds() > 0 && clearly_fewer(site, seen, births, settled);
}

// Before warm-up blocks are born as after it; a site that came later has a start of its own.
double SiteDrift::start_s(const SiteCohorts& site) const {
  return std::max(0.0, epochs_[site.first_epoch()].from_s);
}

void SiteDrift::assess_growth(Assessment& result) {
  std::vector<Rate> rates;
  double sum = 0, variance = 0, survivors = 0, lost = 0, lost_variance = 0;
  for (const auto& [number, site] : sites_) {
    if (!site.lives()) continue;
    const Rate rate = rate_of(number, site);
    if (rate.bytes <= 0) continue;
    rates.push_back(rate);
    const auto share = lost_share_.find(number);
    if (share != lost_share_.end()) {
      lost += share->second * rate.bytes;
      lost_variance += share->second * rate.variance;
    }
    sum += rate.bytes;
    variance += rate.variance;
    survivors += rate.survivors;
  }
  const bool grows = evidence_of_rate(sum, variance, tolerated_per_s_) >= evidence_to_fail;
  looks_running_ = grows ? looks_running_ + 1 : 0;
  suspects_ = grows ? told(std::move(rates)) : std::vector<Suspect>();
  if (!grows) return;
  const double per_day = 86'400 / settings_.compression;
  const double half = interval_errors * std::sqrt(variance);
  if (result.verdict != Verdict::pass || looks_running_ >= looks_to_fail_by_site)
    result.estimate = {survivors * per_day, (sum - half) * per_day, (survivors + half) * per_day};
  result.smallest_found_per_day =
      least_rate_of_evidence(evidence_to_fail, variance / sum, tolerated_per_s_) * per_day;
  if (looks_running_ < looks_to_fail_by_site) return;
  const bool is_lost = evidence_of_rate(lost, lost_variance, tolerated_per_s_) >= evidence_to_fail;
  // What fills for nearly as long as settle has stopped by then, which shows once its births come of age.
  if (is_lost) {
    result.verdict = Verdict::fail;
    result.reason = "blocks that nothing points at become more";
  } else if (now_s_ < settings_.settle_s + settings_.age_s * (1 - 1 / epochs_an_age)) {
    result.verdict = Verdict::inconclusive;
    result.reason = "suspect: survivors of what is born grow, but settle is not over";
  } else {
    result.verdict = Verdict::fail;
    result.reason = suspects_.size() == 1
                        ? "what one place in the code bears survives"
                        : fmt::format("what {} places in the code bear survives", suspects_.size());
  }
}

// Largest first.
std::vector<Suspect> SiteDrift::told(std::vector<Rate> rates) const {
  double sum = 0;
  for (const Rate& rate : rates) sum += rate.bytes;
  std::sort(rates.begin(), rates.end(), [](const Rate& a, const Rate& b) { return a.bytes > b.bytes; });
  std::vector<Suspect> suspects;
  for (const Rate& rate : rates)
    if (rate.bytes >= least_suspect_share * sum)
      suspects.push_back({rate.site, rate.survivors * 86'400 / settings_.compression, rate.bytes / sum});
  return suspects;
}

std::vector<Suspect> SiteDrift::growers() const {
  std::vector<Rate> rates;
  for (const auto& [number, site] : sites_) {
    const BirthWindow births = window(judged_from_s(site), now_s_ - settings_.age_s);
    if (births.epochs.size() < least_epochs || site.blocks(births) <= 0) continue;
    const double hazard = site.deaths(0) / std::max(site.lived_s(0), 1e-9);
    Rate rate{number};
    rate.survivors = site.bytes(births) / births.seconds();
    rate.bytes = rate.survivors * std::exp(-hazard * horizon_s * scale_);
    rates.push_back(rate);
  }
  return told(std::move(rates));
}

// Survivors as they are counted, by the age that shows least of them, of all births or of the later half of
// their time: nobody is blamed, so nothing is guarded.
SiteDrift::Bound SiteDrift::bound_of(const SiteCohorts& site) const {
  Bound least{never_s};
  for (std::size_t age = 0; age < SiteCohorts::ages; ++age) {
    const double to_s = now_s_ - site.age_s(age), from_s = judged_from_s(site);
    const double halves[] = {from_s, (from_s + to_s) / 2};
    for (const double since_s : halves)
      if (to_s - since_s >= least_pass_s * scale_)
        least = smaller(least, bound_in(site, window(since_s, to_s)));
  }
  if (least.rate < never_s) return least;
  // One that came late has only the time of its own warm-up.
  return bound_in(site, window(std::max(settings_.warmup_s, start_s(site)), now_s_ - settings_.age_s));
}

SiteDrift::Bound SiteDrift::bound_in(const SiteCohorts& site, const BirthWindow& births) const {
  const double seconds = std::max(births.seconds(), least_pass_s * scale_);
  const Survival seen = site.survival(births, minute_s * scale_, start_s(site), faults_s_);
  return {seen.bytes / seconds, seen.dispersion * seen.block_bytes() * seen.bytes / (seconds * seconds),
          seen.block_bytes() / seconds};
}

// Of sites that allocate still, one block in the time so far: it may be so large that too few were born to
// tell.
double SiteDrift::largest_rare(const Recording& recording) const {
  double largest = 0;
  for (const auto& [number, site] : sites_) {
    const double last_s = epochs_[site.last_epoch()].to_s;
    const double quiet_s = std::max((now_s_ - settings_.warmup_s) / 2, shown_every_ages * settings_.age_s);
    if (now_s_ - settings_.age_s - last_s > quiet_s || number >= recording.site_block_bytes.size()) continue;
    const double seconds = now_s_ - settings_.age_s - std::min(judged_from_s(site), last_s);
    largest = std::max(largest, recording.site_block_bytes[number] / std::max(seconds, minute_s * scale_));
  }
  return largest;
}

// Blocks that grow where they are keep their age and their number.
double SiteDrift::extended_per_s() const {
  const double since_s = std::max(settings_.warmup_s + settings_.age_s, now_s_ / 2);
  double bytes = 0;
  for (const auto& [number, site] : sites_) bytes += std::max(0.0, site.extended_since(since_s));
  return bytes / std::max(now_s_ - since_s, settings_.age_s);
}

void SiteDrift::assess_room(Assessment& result, const Recording& recording) const {
  const double per_day = 86'400 / settings_.compression;
  Bound all;
  for (const auto& [number, site] : sites_) {
    if (!site.lives()) continue;
    const Bound bound = bound_of(site);
    all.rate += bound.rate;
    all.variance += bound.variance;
    all.block = std::max(all.block, bound.block);
  }
  all.rate += extended_per_s();
  const double half = pass_errors * std::sqrt(all.variance);
  const double block = std::max(all.block, largest_rare(recording));
  const double upper = all.rate + half + rare_blocks * block;
  result.estimate = {all.rate * per_day, std::max(0.0, all.rate - half) * per_day, upper * per_day};
  result.smallest_found_per_day =
      least_rate_of_evidence(evidence_to_fail, std::max(block, smallest_block / now_s_), tolerated_per_s_) *
      per_day;
  if (now_s_ - settings_.age_s - settings_.warmup_s < least_pass_s * scale_) {
    result.reason = "too few births have come of age";
  } else if (upper < limit_per_s_) {
    result.verdict = Verdict::pass;
    result.reason = "what survives of all places in the code stays below the limit";
  } else {
    result.reason = "more survives than may pass, and less than fails, or it still dies or slows down";
  }
}

}  // namespace soakline
