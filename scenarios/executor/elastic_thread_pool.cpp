#include "scenarios/executor/elastic_thread_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

#include "scenarios/executor/injection_policy.hpp"

namespace executor {

struct ElasticThreadPool::Shared {
  explicit Shared(Duration interval) : policy(interval) {}

  std::mutex mutex;
  std::condition_variable for_workers;
  std::condition_variable for_injector;
  std::deque<Task> items;
  std::size_t free = 0;  // workers without an item, those just starting included
  std::size_t injected = 0;
  bool closed = false;
  InjectionPolicy policy;
};

ElasticThreadPool::ElasticThreadPool(ThreadSource& threads, Duration inject_interval)
    : threads_(threads), shared_(std::make_shared<Shared>(inject_interval)), injector_([this] {
        name_this_thread("pool-injector");
        inject_when_due();
      }) {}

ElasticThreadPool::~ElasticThreadPool() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
    shared_->items.clear();
    shared_->for_workers.notify_all();
    shared_->for_injector.notify_all();
  }
  injector_.join();
}

void ElasticThreadPool::submit(Task item) {
  const std::lock_guard lock(shared_->mutex);
  shared_->items.push_back(std::move(item));
  shared_->for_workers.notify_one();
  shared_->for_injector.notify_one();
}

std::size_t ElasticThreadPool::waiting() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->items.size();
}

void ElasticThreadPool::work(Shared& shared) {
  std::unique_lock lock(shared.mutex);
  for (;;) {
    shared.for_workers.wait(lock, [&] { return shared.closed || !shared.items.empty(); });
    if (shared.closed) return;
    Task item = std::move(shared.items.front());
    shared.items.pop_front();
    --shared.free;
    lock.unlock();
    item();
    item = nullptr;
    lock.lock();
    ++shared.free;
  }
}

void ElasticThreadPool::inject_when_due() {
  using What = InjectionPolicy::Decision::What;
  std::unique_lock lock(shared_->mutex);
  while (!shared_->closed) {
    const auto decision = shared_->policy.decide(shared_->items.size(), shared_->free, Clock::now());
    if (decision.what == What::nothing) {
      shared_->for_injector.wait(lock);
    } else if (decision.what == What::wait) {
      shared_->for_injector.wait_until(lock, decision.until);
    } else {
      ++shared_->free;
      const std::string name = "pool-" + std::to_string(++shared_->injected);
      lock.unlock();
      try {
        threads_.start(name, [shared = shared_] { work(*shared); }).detach();
        lock.lock();
      } catch (const ThreadsExhausted&) {
        return;  // whoever owns the source has heard; the pool stays as it is
      }
    }
  }
}

}  // namespace executor
