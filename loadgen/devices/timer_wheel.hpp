// One timer a device on a hashed wheel: to set, cancel and expire one costs the same however many there are.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace soakline {

// Unsorted lists in slots of ticks (Varghese and Lauck 1987, scheme 6). Pure: it knows no clock. Nothing is
// allocated after construction.
class TimerWheel {
 public:
  static constexpr std::int64_t tick_ns = 1 << 23;  // 8.4 ms: how late a timer may expire; never early
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  // Timers 0 to count - 1, none of them set.
  explicit TimerWheel(std::uint32_t count);

  // In place of what was set before.
  void set(std::uint32_t timer, std::int64_t at_ns);
  void cancel(std::uint32_t timer);

  // Calls expired(timer) once for each that is due; it may set and cancel any timer. The time never goes
  // back.
  template <class Expired>
  void advance(std::int64_t now_ns, Expired expired) {
    collect_due(now_ns);
    while (links_[due_].next != due_) {
      const std::uint32_t timer = links_[due_].next;
      unlink(timer);
      expired(timer);
    }
  }

  // No timer expires before; `never` where none is set.
  std::int64_t next_ns() const;

 private:
  static constexpr std::uint32_t slots = 4096;  // a turn takes 34 s

  // Of a timer, a slot's head or the list of those due; alone it is linked to itself.
  struct Link {
    std::uint32_t next, previous;
    std::uint32_t tick = 0;  // 417 days of them
  };

  std::uint32_t head_of(std::uint32_t tick) const { return count_ + tick % slots; }
  void link(std::uint32_t head, std::uint32_t timer);
  void unlink(std::uint32_t timer);
  void collect_due(std::int64_t now_ns);
  void find_next();

  std::uint32_t count_;
  std::uint32_t due_;  // the head of the list of those due
  std::vector<Link> links_;
  std::uint32_t done_ = 0;  // all up to this tick has expired
  std::uint32_t next_;      // no slot before this tick's holds a timer
};

}  // namespace soakline
