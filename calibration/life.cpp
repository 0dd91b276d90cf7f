#include "calibration/life.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "calibration/collected_heap.hpp"

namespace soakline {
namespace {

// Before each frame stands where it came from; as wide as any alignment of a frame.
constexpr std::size_t frame_header = 16;

}  // namespace

void* Behaviour::promise_type::frame(std::size_t bytes, Life& life) {
  auto* start = static_cast<std::byte*>(life.memory_->allocate(bytes + frame_header));
  new (start) std::pmr::memory_resource*(life.memory_);
  return start + frame_header;
}

void Behaviour::promise_type::operator delete(void* frame, std::size_t bytes) {
  std::byte* start = static_cast<std::byte*>(frame) - frame_header;
  (*reinterpret_cast<std::pmr::memory_resource**>(start))->deallocate(start, bytes + frame_header);
}

void Block::free() {
  if (!at_) return;
  life_->live_.died(born_, bytes_);
  std::free(std::exchange(at_, nullptr));
}

void Block::reallocate(double bytes) {
  life_->live_.died(born_, bytes_);
  void* moved = std::realloc(at_, static_cast<std::size_t>(bytes));
  if (!moved) throw std::bad_alloc();
  at_ = moved;
  born_ = life_->second();
  bytes_ = rounded_by_malloc(static_cast<std::uint32_t>(bytes));
  life_->live_.born(born_, bytes_);
}

void Block::write(double from, double to) {
  std::memset(static_cast<char*>(at_) + static_cast<std::size_t>(from), 1,
              static_cast<std::size_t>(to - from));
}

Life::Life(std::uint64_t seed, std::uint32_t seconds, std::pmr::memory_resource* memory)
    : chance(2 * seed),
      leak_chance(2 * seed + 1),
      seconds_(seconds),
      memory_(memory),
      live_(seconds, memory),
      workers_(memory),
      leaked_(memory) {
  workers_.emplace_back(memory_);
}

Life::~Life() {
  for (std::size_t i = 1; i < workers_.size(); ++i)
    if (workers_[i].alive) end_thread(static_cast<int>(i));
  auto& events = workers_.front().events;
  while (!events.empty()) {
    const Event event = events.back();
    events.pop_back();
    if (event.is_block())
      Block(*this, event.what, event.bytes, event.born).free();
    else
      std::coroutine_handle<>::from_address(event.what).destroy();
  }
}

Block Life::block(double bytes) {
  const auto size = static_cast<std::uint32_t>(std::max(1.0, bytes));
  void* at = std::malloc(size);
  if (!at) throw std::bad_alloc();
  std::memset(at, 1, size);
  const std::uint32_t rounded = rounded_by_malloc(size);
  live_.born(second(), rounded);
  return Block(*this, at, rounded, second());
}

void Life::keep_for(double seconds, double bytes) {
  keep_for(seconds, block(bytes));
}

void Life::keep_for(double seconds, Block block) {
  keep_for(seconds, std::move(block), running_);
}

void Life::keep_for(double seconds, Block block, int freed_by_thread) {
  schedule(freed_by_thread,
           {now_s_ + seconds, 0, std::exchange(block.at_, nullptr), block.bytes_, block.born_});
}

double Life::leak(double bytes) {
  if (collected_)
    collected_->retain(bytes);
  else
    bytes = leaked_.emplace_back(block(bytes)).bytes();
  leaked_bytes_ += bytes;
  return bytes;
}

int Life::any_thread(Chance& draw) {
  for (;;) {
    const std::size_t thread = draw.below(workers_.size());
    if (workers_[thread].alive) return static_cast<int>(thread);
  }
}

int Life::start_thread() {
  const auto free_place =
      std::find_if(workers_.begin(), workers_.end(), [](const Worker& worker) { return !worker.alive; });
  const auto place = static_cast<int>(free_place - workers_.begin());
  Worker& worker = free_place == workers_.end() ? workers_.emplace_back(memory_) : *free_place;
  worker.alive = true;
  worker.thread = std::thread([this, &worker] {
    for (worker.go.take(); worker.alive; worker.go.take()) {
      run_due(worker);
      worker.done.give();
    }
  });
  ++threads_;
  return place;
}

void Life::end_thread(int thread) {
  Worker& worker = workers_[thread];
  worker.alive = false;
  worker.go.give();
  worker.thread.join();
  --threads_;
  for (const Event& event : worker.events) schedule(0, event);
  worker.events.clear();
}

void Life::schedule(int thread, Event event) {
  event.order = ++order_;
  auto& events = workers_[thread].events;
  events.push_back(event);
  std::push_heap(events.begin(), events.end(), later);
}

void Life::run_until(std::uint32_t second) {
  until_s_ = second;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (!worker.alive || worker.events.empty() || worker.events.front().when_s >= until_s_) continue;
    running_ = static_cast<int>(i);
    if (i == 0) {
      run_due(worker);
    } else {
      worker.go.give();
      worker.done.take();
    }
  }
  running_ = 0;
  now_s_ = until_s_;
}

void Life::run_due(Worker& worker) {
  auto& events = worker.events;
  while (!events.empty() && events.front().when_s < until_s_) {
    std::pop_heap(events.begin(), events.end(), later);
    const Event event = events.back();
    events.pop_back();
    // What came from a thread that is ahead is a second late at most.
    now_s_ = std::max(event.when_s, until_s_ - 1);
    if (event.is_block())
      Block(*this, event.what, event.bytes, event.born).free();
    else
      std::coroutine_handle<>::from_address(event.what).resume();
  }
}

}  // namespace soakline
