// One client of redis for the whole program: commands from any thread, subscriptions, six events.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "scenarios/redis_subscription/event_source.hpp"
#include "scenarios/redis_subscription/nodes.hpp"
#include "scenarios/redis_subscription/push.hpp"
#include "scenarios/redis_subscription/subscriptions.hpp"

namespace redis_subscription {

struct MultiplexerOptions {
  Endpoint endpoint;
  Timeouts timeouts;
  std::string announce_channel;  // says that the configuration has changed; empty for none
};

// Commands travel on one connection, subscriptions on another. One thread reads the subscriptions, calls
// their handlers and makes lost connections again with a back-off; what was subscribed is then subscribed
// anew.
class ConnectionMultiplexer {
 public:
  // Connects. Throws ConnectionLost or ServerError, naming the endpoint.
  explicit ConnectionMultiplexer(MultiplexerOptions options);
  ~ConnectionMultiplexer();
  ConnectionMultiplexer(const ConnectionMultiplexer&) = delete;
  ConnectionMultiplexer& operator=(const ConnectionMultiplexer&) = delete;

  Events& events() { return source_.events(); }
  bool is_connected() const { return first_.is_up() && subscription_.is_up(); }

  // Sends a command and waits for its reply, following a key that has moved in a cluster (the second word is
  // taken for the key). Throws ConnectionLost, and ServerError for an error reply, after the event for it.
  Reply command(Words words);

  // Returns once the server has confirmed it (at once when called by a message handler). An exception of the
  // handler becomes an internal error. Throws ConnectionLost after the sync time-out: it stays on the list
  // then.
  void subscribe(const std::string& channel, MessageHandler handler);

  // Ends every wait and the thread; nothing works after it. Not to be called by a handler.
  void close();

 private:
  std::shared_ptr<Link> make_link(const Endpoint& endpoint);
  void connect(Link& link);
  void lost(const Link& link, const std::string& reason);

  void run();
  void turn();
  void restore();
  void wait_for_events();
  void deliver();
  void dispatch(const Push& push);

  const MultiplexerOptions options_;
  EventSource source_;
  Subscriptions subscriptions_;
  WakeEvent stop_;
  WakeEvent wake_;
  std::atomic<bool> closing_{false};
  Nodes nodes_;
  Link& first_;
  Link subscription_;
  bool more_to_read_ = false;  // by the thread only
  std::thread thread_;
};

}  // namespace redis_subscription
