#include "scenarios/redis_subscription/nodes.hpp"

#include <algorithm>

namespace redis_subscription {

Nodes::Nodes(const Endpoint& first, MakeLink make_link)
    : make_link_(std::move(make_link)), first_(make_link_(first)) {}

std::shared_ptr<Link> Nodes::for_key(std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (by_slot_.empty()) return first_;
  const auto found = by_slot_.find(hash_slot(key));
  return found == by_slot_.end() ? first_ : found->second;
}

std::shared_ptr<Link> Nodes::follow(const Moved& moved) {
  std::shared_ptr<Link> link;
  for (const auto& known : all()) {
    if (known->endpoint() == moved.to) link = known;
  }
  if (!link) {
    link = make_link_(moved.to);
    link->connect();
  }
  const std::lock_guard lock(mutex_);
  by_slot_[moved.slot] = link;
  if (link != first_ && std::ranges::find(others_, link) == others_.end()) others_.push_back(link);
  return link;
}

void Nodes::drop(const Link& lost) {
  const std::lock_guard lock(mutex_);
  if (&lost == first_.get()) return;
  std::erase_if(by_slot_, [&](const auto& entry) { return entry.second.get() == &lost; });
  std::erase_if(others_, [&](const auto& link) { return link.get() == &lost; });
}

void Nodes::forget_moved() {
  const std::lock_guard lock(mutex_);
  by_slot_.clear();
  others_.clear();
}

std::vector<std::shared_ptr<Link>> Nodes::all() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Link>> links{first_};
  links.insert(links.end(), others_.begin(), others_.end());
  return links;
}

}  // namespace redis_subscription
