// The messages of all devices that wait or are unanswered, each step entered in the ledger. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "loadgen/ledger.hpp"

namespace soakline {

// A device's own messages in their order: those sent, then those that wait.
struct DeviceQueue {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t first = none, last = none;
  std::uint16_t messages = 0;
  std::uint16_t last_id = 0;

  bool empty() const { return messages == 0; }
};

// All queues take from one pool, so that an idle device holds no memory for messages and the steady state
// allocates nothing.
class DeviceMessages {
 public:
  static constexpr std::uint16_t highest_id = 65'534;

  // A device may hold so many messages, waiting or unanswered.
  DeviceMessages(Ledger& ledger, std::size_t most_a_device);

  // The next packet id of that device, 1 to highest_id and round again: none of those unanswered has it.
  std::uint16_t next_id(const DeviceQueue& queue) const {
    return queue.last_id == highest_id ? 1 : static_cast<std::uint16_t>(queue.last_id + 1);
  }
  // Takes the message with next_id(), which waits; false where the device holds too many: it is dropped.
  bool offer(DeviceQueue& queue, std::int64_t intended_ns, std::uint32_t bytes);
  // A message that there is no room for otherwise.
  void drop();
  // All that wait are handed to the connection.
  void send(DeviceQueue& queue, std::int64_t now_ns);

  enum class Answer { right, wrong_length, unasked };
  // To the message with that id, or to the oldest one where the protocol has no ids (0). An answer with an id
  // is of any length, one without is as long as its message.
  Answer answered(DeviceQueue& queue, std::uint16_t id, std::uint32_t bytes, std::int64_t now_ns);
  // All that were sent, of a protocol that does not answer.
  void all_answered(DeviceQueue& queue, std::int64_t now_ns);

  // The connection is gone: what was sent has failed, what waits goes on waiting.
  void lost(DeviceQueue& queue, std::string_view why);
  // The end: what waits is dropped.
  void drop_waiting(DeviceQueue& queue);

 private:
  static constexpr std::int64_t unsent = -1;

  struct Message {
    std::int64_t intended_ns, sent_ns;
    std::uint32_t bytes, next;
    std::uint16_t id;
  };

  std::uint32_t take_place();
  void remove(DeviceQueue& queue, std::uint32_t before, std::uint32_t place);
  void settle(const Message& message, std::int64_t now_ns);
  bool oldest_is_sent(const DeviceQueue& queue) const {
    return !queue.empty() && pool_[queue.first].sent_ns != unsent;
  }

  Ledger& ledger_;
  std::size_t most_a_device_;
  std::vector<Message> pool_;
  std::uint32_t free_ = DeviceQueue::none;  // a list through `next`
};

}  // namespace soakline
