// What lives of one allocation site's blocks, by when they were born, and what a window of births shows of
// it: survivors, how unevenly they come, how fast they still die, and whether fewer and fewer come.
#pragma once

#include <array>
#include <numeric>
#include <span>
#include <vector>

#include "harness/judge/recording.hpp"

namespace soakline {

// Operations of the load since the start, by ascending time.
class LoadCurve {
 public:
  void add(double time_s, double operations);
  // In an epoch; between two points as if they came evenly.
  double operations(const Epoch& epoch) const;

 private:
  double until(double time_s) const;
  std::vector<double> time_s_, operations_;
};

// Epochs next to each other, with the load's operations in each.
struct BirthWindow {
  std::size_t first_epoch = 0;
  std::span<const Epoch> epochs;
  std::span<const double> operations;

  double seconds() const { return epochs.empty() ? 0 : epochs.back().to_s - epochs.front().from_s; }
  double all_operations() const { return std::accumulate(operations.begin(), operations.end(), 0.0); }
};

// What the survivors of a window's births show.
struct Survival {
  double blocks = 0, bytes = 0;
  double dispersion = 1;  // variance of their number over its mean, by epoch or by minute; at least 1
  double unevenness = 1;  // the same, or from one fault to the next where that is less
  double slowing = 0;     // upper bound of g, where fewer and fewer survive like t^-g
  double load_share = 0;  // of them, how many seem to come with operations rather than with time

  double block_bytes() const { return blocks > 0 ? bytes / blocks : 0; }
};

class SiteCohorts {
 public:
  // Survival is looked at from age A on, twice that, and so on.
  static constexpr std::size_t ages = 6;

  explicit SiteCohorts(double age_s) : age_s_(age_s) {}

  void set(const CohortCount& count, const Epoch& epoch);
  // All counts up to this time were set; times ascend.
  void advance(double now_s, std::span<const Epoch> epochs);

  // Whether anything lived at the last look.
  bool lives() const { return !aged_.empty() && aged_.back() > 0; }
  double age_s(std::size_t age) const { return age_s_ * static_cast<double>(1U << age); }
  std::size_t first_epoch() const { return first_epoch_; }
  std::size_t last_epoch() const { return first_epoch_ + blocks_.size() - 1; }
  // `start_s`: of the process or of the site, since when births may have become fewer.
  // `faults_s`: when faults began, ascending.
  Survival survival(const BirthWindow& window, double minute_s, double start_s,
                    std::span<const double> faults_s) const;
  double blocks(const BirthWindow& window) const { return sum(blocks_, window); }
  double bytes(const BirthWindow& window) const { return sum(bytes_, window); }
  double deaths(std::size_t age) const { return deaths_[age]; }    // at that age or later
  double lived_s(std::size_t age) const { return lived_s_[age]; }  // block-seconds beyond that age
  // By how many blocks older than A there are more than at a time, as of the last look by then.
  double grown_since(double time_s) const { return since(time_s, aged_); }
  // Bytes by which blocks have grown in place since a time, by realloc: those that live.
  double extended_since(double time_s) const { return since(time_s, extended_); }

 private:
  std::vector<double> counts(const BirthWindow& window) const;
  double sum(const std::vector<double>& values, const BirthWindow& window) const;
  double since(double time_s, const std::vector<double>& by_look) const;

  double age_s_, now_s_ = 0;
  std::size_t first_epoch_ = 0;
  // By epoch from the first on; a block's bytes as they were when its epoch had come of age.
  std::vector<double> blocks_, bytes_, bytes_at_first_;
  std::array<double, ages> deaths_{}, lived_s_{};
  std::vector<double> look_s_, aged_, extended_;  // by look; blocks older than A, and bytes grown in place
};

}  // namespace soakline
