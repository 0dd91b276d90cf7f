#include "loadgen/devices/timer_wheel.hpp"

#include <algorithm>

namespace soakline {
namespace {

constexpr std::uint32_t no_tick = std::numeric_limits<std::uint32_t>::max();

}  // namespace

TimerWheel::TimerWheel(std::uint32_t count)
    : count_(count), due_(count + slots), links_(std::size_t{count} + slots + 1), next_(no_tick) {
  for (std::uint32_t i = 0; i < links_.size(); ++i) links_[i] = {i, i};
}

void TimerWheel::set(std::uint32_t timer, std::int64_t at_ns) {
  unlink(timer);
  const auto tick = static_cast<std::uint32_t>(std::max<std::int64_t>(0, at_ns + tick_ns - 1) / tick_ns);
  links_[timer].tick = std::max(tick, done_ + 1);
  link(head_of(links_[timer].tick), timer);
  next_ = std::min(next_, links_[timer].tick);
}

void TimerWheel::cancel(std::uint32_t timer) {
  unlink(timer);
}

std::int64_t TimerWheel::next_ns() const {
  return next_ == no_tick ? never : next_ * tick_ns;
}

void TimerWheel::link(std::uint32_t head, std::uint32_t timer) {
  const std::uint32_t last = links_[head].previous;
  links_[timer].next = head;
  links_[timer].previous = last;
  links_[last].next = timer;
  links_[head].previous = timer;
}

void TimerWheel::unlink(std::uint32_t timer) {
  Link& gone = links_[timer];
  links_[gone.previous].next = gone.next;
  links_[gone.next].previous = gone.previous;
  gone.next = gone.previous = timer;
}

void TimerWheel::collect_due(std::int64_t now_ns) {
  const auto now = static_cast<std::uint32_t>(now_ns / tick_ns);
  if (now < next_) {
    done_ = std::max(done_, now);
    return;
  }
  const std::uint32_t first = std::max(next_, now - std::min(now, slots - 1));
  for (std::uint32_t tick = first; tick <= now; ++tick) {
    const std::uint32_t head = head_of(tick);
    for (std::uint32_t timer = links_[head].next; timer != head;) {
      const std::uint32_t after = links_[timer].next;
      if (links_[timer].tick <= now) {  // else a later turn's
        unlink(timer);
        link(due_, timer);
      }
      timer = after;
    }
  }
  done_ = now;
  find_next();
}

void TimerWheel::find_next() {
  for (std::uint32_t tick = done_ + 1; tick <= done_ + slots; ++tick) {
    const std::uint32_t head = head_of(tick);
    if (links_[head].next == head) continue;
    next_ = tick;
    return;
  }
  next_ = no_tick;
}

}  // namespace soakline
