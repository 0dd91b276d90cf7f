#include "harness/identities.hpp"

namespace soakline {

void Lives::next_sample() {
  free_.insert(free_.end(), freed_now_.begin(), freed_now_.end());
  freed_now_.clear();
}

std::size_t Lives::born(double time_s) {
  if (free_.empty()) {
    lives_.push_back({time_s});
    return lives_.size() - 1;
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  lives_[slot] = {time_s};
  return slot;
}

void Lives::gone(std::size_t slot, double time_s) {
  lives_[slot].gone_s = time_s;
  if (time_s - lives_[slot].born_s < age_s_) freed_now_.push_back(slot);
}

}  // namespace soakline
