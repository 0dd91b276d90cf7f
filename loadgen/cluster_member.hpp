// One connection to one node of a cluster: keeps every message until it is answered, as it may have to go
// elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/cluster_slots.hpp"
#include "loadgen/conversation.hpp"

namespace soakline {

// A message on its way through a cluster.
struct RoutedMessage {
  std::string bytes;
  std::int64_t intended_ns = 0;
  std::size_t publisher = 0;
  int redirections = 0;
};

class ClusterMember final : public Dialogue, private Redirects {
 public:
  // Called when all that was heard has been entered.
  using Redirected = std::function<void(RoutedMessage message, const Redirection& where)>;

  ClusterMember(const LoadPlan& plan, Ledger& ledger, Backlog limit, Redirected redirected);

  // asking: as an ASK wants it.
  void offer(RoutedMessage message, bool asking = false);
  void drop_waiting();
  // How many have failed with the connection since the last call.
  std::size_t take_failed() { return std::exchange(failed_, 0); }

  std::string_view to_write(std::int64_t now_ns) override { return conversation_.to_write(now_ns); }
  void wrote(std::size_t bytes) override { conversation_.wrote(bytes); }
  Heard hear(std::string_view bytes, std::int64_t now_ns) override;
  void lost(std::string_view why) override;

 private:
  struct Elsewhere {
    RoutedMessage message;
    Redirection where;
  };
  bool take(std::string_view error, std::int64_t intended_ns) override;
  void forget_settled();

  Ledger& ledger_;
  Conversation conversation_;
  std::deque<RoutedMessage> kept_;  // those of the conversation, in its order
  std::deque<Elsewhere> elsewhere_;
  Redirected redirected_;
  std::size_t failed_ = 0;
};

}  // namespace soakline
