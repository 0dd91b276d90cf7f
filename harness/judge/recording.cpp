#include "harness/judge/recording.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {
constexpr double most = 4'194'304;  // Linux counts no more threads; a wilder cell must not fill the memory
}

void close_window(std::vector<Window>& windows, const Window& closed) {
  for (Window& window : windows)
    if (window.end_s == never_s && window.begin_s == closed.begin_s) {
      window = closed;
      return;
    }
}

void CountedLives::add(double time_s, double count) {
  if (!std::isfinite(count)) return;
  // Those of the first row were there before: their birth is unknown and never after warm-up.
  const double born_s = seen_ ? time_s : -never_s;
  seen_ = true;
  const auto wanted = static_cast<std::size_t>(std::clamp(count, 0.0, most));
  if (wanted > number_alive_) {
    alive_.push_back(lives_.size());
    lives_.push_back({born_s, never_s, wanted - number_alive_});
    number_alive_ = wanted;
  }
  while (number_alive_ > wanted) {
    Lifetime& youngest = lives_[alive_.back()];
    const bool lasted = time_s - youngest.born_s >= age_s_;
    const Lifetime gone{youngest.born_s, time_s, std::min(youngest.number, number_alive_ - wanted)};
    number_alive_ -= gone.number;
    youngest.number -= gone.number;
    if (youngest.number == 0) {
      // Whoever was born after it is gone too, and was forgotten: it is the last one here.
      alive_.pop_back();
      youngest = gone;
      if (!lasted) lives_.pop_back();
    } else if (lasted) {
      lives_.push_back(gone);
    }
  }
}

}  // namespace soakline
