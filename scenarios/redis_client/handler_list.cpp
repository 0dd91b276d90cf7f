#include "scenarios/redis_client/handler_list.hpp"

#include <utility>

namespace redis_client {

std::shared_ptr<const HandlerList::Handlers> HandlerList::current() const {
  const std::lock_guard lock(mutex_);
  return handlers_;
}

void HandlerList::set(std::shared_ptr<const Handlers> handlers) {
  const std::lock_guard lock(mutex_);
  handlers_.swap(handlers);  // the list before is freed without the lock
}

template <class Change>
void HandlerList::replace(Change change) {
  std::unique_lock lock(changing_, std::defer_lock);
  if (changes_ == Changes::one_by_one) lock.lock();
  auto changed = std::make_shared<Handlers>(*current());
  change(*changed);
  set(std::move(changed));
}

HandlerList::Registration HandlerList::add(Handler handler) {
  auto registration = std::make_shared<const Handler>(std::move(handler));
  replace([&](Handlers& handlers) { handlers.push_back(registration); });
  return registration;
}

void HandlerList::remove(const Registration& registration) {
  replace([&](Handlers& handlers) { std::erase(handlers, registration); });
}

void HandlerList::call(const std::string& message) const {
  const auto handlers = current();
  for (const auto& handler : *handlers) (*handler)(message);
}

}  // namespace redis_client
