#include "loadgen/devices/device_messages.hpp"

#include <algorithm>

namespace soakline {
namespace {

constexpr std::uint32_t none = DeviceQueue::none;
// Memory is touched only as far as it is used.
constexpr std::size_t at_first = 4096;

}  // namespace

DeviceMessages::DeviceMessages(Ledger& ledger, std::size_t most_a_device)
    : ledger_(ledger), most_a_device_(std::min<std::size_t>(most_a_device, highest_id)) {
  pool_.reserve(at_first);
}

std::uint32_t DeviceMessages::take_place() {
  if (free_ == none) {
    pool_.push_back({});
    return static_cast<std::uint32_t>(pool_.size() - 1);
  }
  const std::uint32_t place = free_;
  free_ = pool_[place].next;
  return place;
}

bool DeviceMessages::offer(DeviceQueue& queue, std::int64_t intended_ns, std::uint32_t bytes) {
  if (queue.messages >= most_a_device_) return drop(), false;
  ++ledger_.offered;
  queue.last_id = next_id(queue);
  const std::uint32_t place = take_place();
  pool_[place] = {intended_ns, unsent, bytes, none, queue.last_id};
  (queue.empty() ? queue.first : pool_[queue.last].next) = place;
  queue.last = place;
  ++queue.messages;
  return true;
}

void DeviceMessages::drop() {
  ++ledger_.offered;
  ++ledger_.dropped;
}

void DeviceMessages::send(DeviceQueue& queue, std::int64_t now_ns) {
  for (std::uint32_t place = queue.first; place != none; place = pool_[place].next) {
    Message& message = pool_[place];
    if (message.sent_ns != unsent) continue;
    message.sent_ns = now_ns;
    ++ledger_.sent;
    ledger_.lateness.record(now_ns - message.intended_ns);
  }
}

DeviceMessages::Answer DeviceMessages::answered(DeviceQueue& queue, std::uint16_t id, std::uint32_t bytes,
                                                std::int64_t now_ns) {
  std::uint32_t before = none;
  for (std::uint32_t place = queue.first; place != none; before = place, place = pool_[place].next) {
    const Message& message = pool_[place];
    if (message.sent_ns == unsent) break;
    if (id != 0 && message.id != id) continue;
    const bool right = id != 0 || message.bytes == bytes;
    if (right)
      settle(message, now_ns);
    else
      ledger_.fail(1, "the echo is not as long as what was sent");
    remove(queue, before, place);
    return right ? Answer::right : Answer::wrong_length;
  }
  return Answer::unasked;
}

void DeviceMessages::all_answered(DeviceQueue& queue, std::int64_t now_ns) {
  while (oldest_is_sent(queue)) {
    settle(pool_[queue.first], now_ns);
    remove(queue, none, queue.first);
  }
}

void DeviceMessages::lost(DeviceQueue& queue, std::string_view why) {
  while (oldest_is_sent(queue)) {
    ledger_.fail(1, why);
    remove(queue, none, queue.first);
  }
}

void DeviceMessages::drop_waiting(DeviceQueue& queue) {
  std::uint32_t before = none;
  for (std::uint32_t place = queue.first; place != none;) {
    const std::uint32_t after = pool_[place].next;
    if (pool_[place].sent_ns == unsent) {
      ++ledger_.dropped;
      remove(queue, before, place);
    } else {
      before = place;
    }
    place = after;
  }
}

void DeviceMessages::remove(DeviceQueue& queue, std::uint32_t before, std::uint32_t place) {
  (before == none ? queue.first : pool_[before].next) = pool_[place].next;
  if (queue.last == place) queue.last = before;
  --queue.messages;
  pool_[place].next = free_;
  free_ = place;
}

void DeviceMessages::settle(const Message& message, std::int64_t now_ns) {
  ++ledger_.answered;
  ledger_.from_intended.record(now_ns - message.intended_ns);
  ledger_.from_sent.record(now_ns - message.sent_ns);
}

}  // namespace soakline
