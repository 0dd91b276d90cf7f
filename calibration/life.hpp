// A program's life on a virtual clock: behaviours (coroutines) that sleep, allocate from the real malloc and
// move between real threads. One thread runs at a time, so that a life is the same for a seed as far as glibc
// allows.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory_resource>
#include <thread>
#include <utility>
#include <vector>

#include "calibration/chance.hpp"
#include "calibration/live_bytes.hpp"
#include "calibration/turn.hpp"

namespace soakline {

class Life;
class CollectedHeap;

// Bytes that malloc makes of a request: 24, 40, 56 and so on (glibc: malloc/malloc.c, "request2size", without
// the header). malloc_usable_size says 16 more where the rest of a free chunk was too small to be split off.
constexpr std::uint32_t rounded_by_malloc(std::uint32_t bytes) {
  return std::max(24U, (bytes + 8 + 15) / 16 * 16 - 8);
}

// A block of the target's heap; frees itself. Its bytes are those asked for, as malloc rounds them.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept { swap(other); }
  Block& operator=(Block&& other) noexcept {
    Block(std::move(other)).swap(*this);
    return *this;
  }
  ~Block() { free(); }

  explicit operator bool() const { return at_ != nullptr; }
  double bytes() const { return bytes_; }
  void free();
  // As a container grows: the age starts anew, and what is new is not yet written.
  void reallocate(double bytes);
  void write(double from, double to);

 private:
  friend class Life;
  Block(Life& life, void* at, std::uint32_t bytes, std::uint32_t born)
      : life_(&life), at_(at), bytes_(bytes), born_(born) {}
  void swap(Block& other) {
    std::swap(life_, other.life_);
    std::swap(at_, other.at_);
    std::swap(bytes_, other.bytes_);
    std::swap(born_, other.born_);
  }

  Life* life_ = nullptr;
  void* at_ = nullptr;
  std::uint32_t bytes_ = 0, born_ = 0;
};

// What part of a program does, as a coroutine whose first argument is its Life. It starts at once and owns
// itself.
class Behaviour {
 public:
  struct promise_type {
    template <typename... Arguments>
    static void* operator new(std::size_t bytes, Life& life, Arguments&&...) {
      return frame(bytes, life);
    }
    static void operator delete(void* frame, std::size_t bytes);

    Behaviour get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }

   private:
    static void* frame(std::size_t bytes, Life& life);
  };
};

class Life {
 public:
  Life(std::uint64_t seed, std::uint32_t seconds, std::pmr::memory_resource* memory);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  Chance chance;
  // The leak's own, so that a leaking life is the clean one of its seed in all else.
  Chance leak_chance;

  double now_s() const { return now_s_; }
  double end_s() const { return seconds_; }
  std::pmr::memory_resource* memory() { return memory_; }

  // co_await life.after(seconds): sleeps on the virtual clock. co_await life.on(thread): goes on there.
  auto after(double seconds) { return Wait{*this, running_, now_s_ + seconds}; }
  auto on(int thread) { return Wait{*this, thread, now_s_}; }

  // All of it is written to, so that it is in memory.
  Block block(double bytes);
  // A block that lives so long, by itself.
  void keep_for(double seconds, double bytes);
  void keep_for(double seconds, Block block);
  void keep_for(double seconds, Block block, int freed_by_thread);
  // What nobody will ever free, though it can be reached, on the target's own kind of heap: bytes that live
  // more by it.
  double leak(double bytes);
  // Of a container that only grows: what is in it, not its room.
  void count_leaked(double bytes) { leaked_bytes_ += bytes; }
  CollectedHeap* collected() { return collected_; }

  // Thread 0 is the program's first; others are real threads with arenas of their own.
  int start_thread();
  // Must not run on the thread that ends; what sleeps there goes on in thread 0.
  void end_thread(int thread);
  int threads() const { return threads_; }
  int any_thread(Chance& draw);
  // Descriptors are only counted.
  void open_descriptors(int more) { descriptors_ += more; }
  int descriptors() const { return descriptors_; }

  // Kinds with a heap of their own say so here: their leaks are kept there.
  void use(CollectedHeap& heap) { collected_ = &heap; }

  // Runs everything before that second.
  void run_until(std::uint32_t second);

  const LiveBytes& live() const { return live_; }
  double leaked_bytes() const { return leaked_bytes_; }

 private:
  friend class Block;
  friend Behaviour::promise_type;

  // A behaviour to resume, or a block to free.
  struct Event {
    double when_s;
    std::uint64_t order;
    void* what;
    std::uint32_t bytes = 0, born = 0;  // of a block

    bool is_block() const { return bytes > 0; }
  };
  struct Wait {
    Life& life;
    int thread;
    double when_s;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> behaviour) {
      life.schedule(thread, {when_s, 0, behaviour.address()});
    }
    void await_resume() const noexcept {}
  };
  struct Worker {
    explicit Worker(std::pmr::memory_resource* memory) : events(memory) {}
    std::pmr::vector<Event> events;  // a heap, the next one first
    std::thread thread;
    Turn go, done;
    bool alive = true;
  };

  static bool later(const Event& a, const Event& b) {
    return a.when_s != b.when_s ? a.when_s > b.when_s : a.order > b.order;
  }
  void schedule(int thread, Event event);
  void run_due(Worker& worker);
  std::uint32_t second() const { return static_cast<std::uint32_t>(now_s_); }

  std::uint32_t seconds_;
  std::pmr::memory_resource* memory_;
  double now_s_ = 0, until_s_ = 0;
  std::uint64_t order_ = 0;
  int running_ = 0, threads_ = 1, descriptors_ = 3;
  LiveBytes live_;
  std::pmr::deque<Worker> workers_;
  std::pmr::deque<Block> leaked_;
  double leaked_bytes_ = 0;
  CollectedHeap* collected_ = nullptr;
};

}  // namespace soakline
