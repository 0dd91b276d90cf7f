#include "harness/faults.hpp"

#include <algorithm>
#include <utility>

namespace soakline {
namespace {
constexpr double asked_every_s = 0.02;  // whether it is over: a service that starts announces nothing
}

Faults::Faults(std::vector<Fault> timeline, FaultHands hands)
    : waiting_(std::move(timeline)), hands_(std::move(hands)) {}

bool Faults::busy(const std::string& on) const {
  return std::any_of(current_.begin(), current_.end(),
                     [&](const Current& current) { return current.fault.on == on; });
}

bool Faults::under_way(const std::string& on, FaultKind kind) const {
  return std::any_of(current_.begin(), current_.end(), [&](const Current& current) {
    return current.fault.on == on && current.fault.kind == kind;
  });
}

double Faults::next_s() const {
  double next_s = never_s;
  for (const Current& current : current_)
    next_s = std::min(next_s, std::max(current.ends_s, asked_s_ + asked_every_s));
  const auto free =
      std::find_if(waiting_.begin(), waiting_.end(), [this](const Fault& fault) { return !busy(fault.on); });
  return free == waiting_.end() ? next_s : std::min(next_s, free->begin_s);
}

void Faults::advance(double now_s, const std::function<void(const FaultNews&)>& tell) {
  asked_s_ = now_s;
  std::erase_if(current_, [&](const Current& current) {
    if (now_s < current.ends_s || !hands_.at(current.fault.on)->end(current.fault)) return false;
    tell({current.fault,
          {current.begun_s, now_s + current.fault.recover_s},
          now_s,
          hands_.at(current.fault.on)->counts()});
    return true;
  });
  for (auto fault = waiting_.begin(); fault != waiting_.end() && fault->begin_s <= now_s;) {
    if (busy(fault->on)) {
      ++fault;
      continue;
    }
    current_.push_back({*fault, now_s, now_s + (fault->end_s - fault->begin_s)});
    fault = waiting_.erase(fault);
    const Fault& begun = current_.back().fault;
    tell({begun, {now_s, never_s}});
    hands_.at(begun.on)->begin(begun);
  }
}

std::string Faults::ended() {
  for (const auto& [on, hand] : hands_)
    if (std::string why = hand->ended(); !why.empty()) return why;
  return "";
}

void Faults::abandon() {
  for (const Current& current : current_) hands_.at(current.fault.on)->abandon();
  current_.clear();
  waiting_.clear();
}

}  // namespace soakline
