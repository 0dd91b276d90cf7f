// Which channels are subscribed, what takes their messages and how far the server knows: without I/O.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace redis_subscription {

using MessageHandler = std::function<void(const std::string& channel, const std::string& message)>;

class Subscriptions {
 public:
  // A channel that is there already gets the new handler.
  void add(const std::string& channel, MessageHandler handler);

  // The channels that this connection has not asked for yet; from now on it has.
  std::vector<std::string> take_unsent();

  void confirmed(const std::string& channel);
  // The server refused what it was asked: channels it never confirmed are dropped and their waits end, others
  // are asked for again by the next connection.
  void refused(const std::string& message);
  // A new connection has to ask for everything again.
  void connection_lost();

  // Throws ConnectionLost after `timeout` and ServerError when it is refused.
  void wait_until_confirmed(const std::string& channel, std::chrono::milliseconds timeout);

  // Null for a channel that is not subscribed.
  std::shared_ptr<const MessageHandler> handler(const std::string& channel) const;

 private:
  enum class State { unsent, sent, confirmed };
  struct Entry {
    std::shared_ptr<const MessageHandler> handler;
    State state = State::unsent;
    bool was_confirmed = false;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Entry> entries_;
  std::string refusal_;
};

}  // namespace redis_subscription
