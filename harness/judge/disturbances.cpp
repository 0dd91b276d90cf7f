#include "harness/judge/disturbances.hpp"

#include <algorithm>

namespace soakline {
namespace {
constexpr double least_seen = 0.5;
constexpr double most_unseen_at_end = 0.1;  // as of samples that are missing
}  // namespace

Disturbances::Disturbances(std::span<const Window> faults) {
  for (const Window& fault : faults) {
    if (stretches_.empty() || stretches_.back().end_s < fault.begin_s)
      stretches_.push_back(fault);
    else
      stretches_.back().end_s = std::max(stretches_.back().end_s, fault.end_s);
  }
}

// The last stretch that had begun, or null.
const Window* Disturbances::begun_by(double time_s) const {
  const auto after =
      std::upper_bound(stretches_.begin(), stretches_.end(), time_s,
                       [](double moment_s, const Window& stretch) { return moment_s < stretch.begin_s; });
  return after == stretches_.begin() ? nullptr : &*std::prev(after);
}

bool Disturbances::holds(double from_s, double to_s) const {
  const Window* stretch = begun_by(from_s);
  return stretch != nullptr && to_s <= stretch->end_s;
}

double Disturbances::within(double from_s, double to_s) const {
  double seconds = 0;
  for (const Window& stretch : stretches_)
    seconds += std::max(0.0, std::min(stretch.end_s, to_s) - std::max(stretch.begin_s, from_s));
  return seconds;
}

bool Disturbances::hide(double from_s, double to_s) const {
  const double seconds = to_s - from_s;
  const Window* last = begun_by(to_s);
  if (last == nullptr || seconds <= 0) return false;
  const bool ends_unseen = last->contains(to_s) && to_s - last->begin_s > most_unseen_at_end * seconds;
  return ends_unseen || within(from_s, to_s) > (1 - least_seen) * seconds;
}

}  // namespace soakline
