#include "harness/judge/recording.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {
constexpr double most = 4'194'304;  // Linux counts no more threads; a wilder cell must not fill the memory
}

void CountedLives::add(double time_s, double count) {
  if (!std::isfinite(count)) return;
  // Those of the first row were there before: their birth is unknown and never after warm-up.
  const double born_s = seen_ ? time_s : -never_s;
  seen_ = true;
  const auto wanted = static_cast<std::size_t>(std::clamp(count, 0.0, most));
  for (; alive_.size() > wanted; alive_.pop_back()) {
    Lifetime& youngest = lives_[alive_.back()];
    // Whoever was born after it is gone too, and was forgotten: it is the last one here.
    if (time_s - youngest.born_s < age_s_)
      lives_.pop_back();
    else
      youngest.gone_s = time_s;
  }
  for (; alive_.size() < wanted; lives_.push_back({born_s})) alive_.push_back(lives_.size());
}

}  // namespace soakline
