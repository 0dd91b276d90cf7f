// A subscriber to a channel: what it is sent, entered into the account of deliveries. Without any I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/deliveries.hpp"
#include "loadgen/dialogue.hpp"
#include "loadgen/resp_scanner.hpp"

namespace soakline {

class Subscription final : public Dialogue {
 public:
  Subscription(std::string_view channel, Resp version, Deliveries& deliveries, std::size_t subscriber);

  std::string_view to_write(std::int64_t) override { return {}; }
  void wrote(std::size_t) override {}
  Heard hear(std::string_view bytes, std::int64_t now_ns) override;
  void opened() override { deliveries_.subscribed(subscriber_); }
  void lost(std::string_view why) override;

 private:
  struct Message {
    std::string_view payload;
    std::size_t size;  // of all of it
  };
  std::optional<Message> message_at_front(std::string_view bytes) const;
  // How many bytes of the front make a whole value that has been entered; 0: more is needed; nothing: broken.
  std::optional<std::size_t> take(std::string_view bytes, std::int64_t now_ns);

  std::string head_;  // of every message of the channel, up to its payload's length
  Resp version_;
  Deliveries& deliveries_;
  std::size_t subscriber_;
  std::string partial_;  // a value that has not come wholly
};

}  // namespace soakline
