// The command connections: one to the server that was named, one to each cluster node it has pointed to.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "scenarios/redis_subscription/hash_slot.hpp"
#include "scenarios/redis_subscription/link.hpp"

namespace redis_subscription {

class Nodes {
 public:
  using MakeLink = std::function<std::shared_ptr<Link>(const Endpoint&)>;

  Nodes(const Endpoint& first, MakeLink make_link);

  Link& first() { return *first_; }
  std::shared_ptr<Link> for_key(std::string_view key);

  // The link to where a slot has moved, connected if need be; its keys go there from now on.
  std::shared_ptr<Link> follow(const Moved& moved);

  // A lost node is not called again: the first one says where its slots are now.
  void drop(const Link& lost);
  void forget_moved();

  std::vector<std::shared_ptr<Link>> all();

 private:
  const MakeLink make_link_;
  const std::shared_ptr<Link> first_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Link>> others_;
  std::map<int, std::shared_ptr<Link>> by_slot_;
};

}  // namespace redis_subscription
