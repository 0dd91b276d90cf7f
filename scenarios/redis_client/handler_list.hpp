// The handlers of one channel, read by every message and replaced as a whole by every change.
//
// Follows StackExchange.Redis issues 2458 and 2763: a change reads the list and stores another, and where two
// meet the later one undoes the earlier. A handler that was removed is on the list again, for ever.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace redis_client {

class HandlerList {
 public:
  using Handler = std::function<void(const std::string& message)>;
  using Registration = std::shared_ptr<const Handler>;

  // Changes wait for each other (the fix), or meet (the leak).
  enum class Changes { one_by_one, racing };

  explicit HandlerList(Changes changes) : changes_(changes) {}

  Registration add(Handler handler);
  void remove(const Registration& registration);

  void call(const std::string& message) const;
  std::size_t size() const { return current()->size(); }

 private:
  using Handlers = std::vector<Registration>;
  std::shared_ptr<const Handlers> current() const;
  void set(std::shared_ptr<const Handlers> handlers);
  template <class Change>
  void replace(Change change);

  const Changes changes_;
  std::mutex changing_;
  mutable std::mutex mutex_;  // guards the pointer alone
  std::shared_ptr<const Handlers> handlers_ = std::make_shared<const Handlers>();
};

}  // namespace redis_client
