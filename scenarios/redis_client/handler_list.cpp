#include "scenarios/redis_client/handler_list.hpp"

#include <utility>

namespace redis_client {

template <class Change>
void HandlerList::replace(Change change) {
  std::unique_lock lock(changing_, std::defer_lock);
  if (changes_ == Changes::one_by_one) lock.lock();
  auto changed = std::make_shared<Handlers>(*handlers_.load());
  change(*changed);
  handlers_.store(std::move(changed));
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
  for (const auto& handler : *handlers_.load()) (*handler)(message);
}

}  // namespace redis_client
