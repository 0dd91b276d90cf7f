// The target's own side of its LiveFile: counts births and deaths, in a few instructions each.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "harness/agent/block_header.hpp"
#include "harness/agent/live_file.hpp"

namespace soakline {

// The variable that names the folder of the clock and of the files.
inline constexpr char agent_variable[] = "SOAKLINE_AGENT";

// Who called a hook: the code it returns to, and where the hook's frame lies on the stack.
struct Caller {
  std::uint64_t code;
  const std::uint64_t* frame;  // [0] the caller's frame pointer, [1] the code; its stack goes on at [2]
};

// What a thread has of the file. Initial-exec, for the general model allocates at a thread's first access.
struct Stripe {
  static constexpr std::uint32_t no_process = ~std::uint32_t{0};

  std::uint32_t of_process = no_process;  // its generation: a fork's child has to take its own
  std::uint32_t number = 0;               // 0: shared with others
  std::uint32_t chance = 2463534242;      // a state of xorshift
};
// NOLINTNEXTLINE(bugprone-dynamic-static-initializers): constinit says that it is not
[[gnu::tls_model("initial-exec")]] extern thread_local constinit Stripe stripe;

class LiveCounts {
 public:
  // Whether blocks are counted. False until the environment is known, and for ever where there is no folder
  // or no room in it: then the program runs as without the agent.
  bool on() { return file_ != nullptr; }
  // Makes and maps the file. Once; what was handed out before is not counted.
  void start();
  // The same in a folder that is named; again, too, once nobody reads what is in the last one.
  bool start_in(const char* folder);
  // When the constructors of the program run: threads that end give their stripe back, forks get a file of
  // their own.
  void follow_threads_and_forks();

  // Counts a birth if that takes no call; else nothing has happened, and born() is to be asked.
  bool born_at_once(std::uint64_t size, std::uint64_t code, Birth& birth) {
    const SiteKey key(code, size);
    const std::uint64_t entry = cached(key).load(std::memory_order_relaxed);
    birth = {size, SiteKey::number_in(entry), clock_->epoch.load(std::memory_order_relaxed),
             header_bytes_log2, generation_};
    if (!has_stripe() || !key.is_of(entry) ||
        file_->sample_one_of[birth.site].load(std::memory_order_relaxed) != 0) [[unlikely]]
      return false;
    add_young(birth, block_of(size));
    return true;
  }
  Birth born(std::uint64_t size, const Caller& caller);
  // The same of a death.
  bool died_at_once(const Birth& birth) {
    if (!has_stripe() || birth.generation != (generation_ & 31) || birth.sample != 0) [[unlikely]]
      return false;
    add(birth, -block_of(birth.size));
    return true;
  }
  void died(const Birth& birth);
  // The same block with another size, as old as before: what a buffer grows by has lived as long as the
  // buffer.
  Birth resized(Birth birth, std::uint64_t size, const Caller& caller);
  std::uint64_t secret() const { return secret_; }
  // Null where nothing is counted.
  LiveFile* file() { return file_; }
  // Whether the file may grow: a full shared memory kills whoever writes to it. Keeps errno.
  bool has_room() const;

 private:
  // Where a block is born and how large it is, by a hash, with room for the number of its site.
  class SiteKey {
   public:
    SiteKey(std::uint64_t code, std::uint64_t size)
        : size_class_(static_cast<std::uint32_t>(std::bit_width(size))),
          // Odd, so that no two keys have one hash; callers have 47 bits.
          hash_((code | std::uint64_t{size_class_} << 56) * 0x9e3779b97f4a7c15ULL | (number_mask + 1)) {}
    std::uint32_t size_class() const { return size_class_; }
    // Folded, for calls lie at regular distances.
    std::uint64_t spread() const { return hash_ >> 32 ^ hash_ >> 47; }
    std::uint64_t entry(std::uint32_t number) const { return (hash_ & ~number_mask) | number; }
    bool is_of(std::uint64_t entry) const { return ((entry ^ hash_) & ~number_mask) == 0; }
    static std::uint32_t number_in(std::uint64_t entry) {
      return static_cast<std::uint32_t>(entry & number_mask);
    }

   private:
    static constexpr std::uint64_t number_mask = max_sites - 1;
    std::uint32_t size_class_;
    std::uint64_t hash_;
  };

  static std::int64_t block_of(std::uint64_t size) {
    return counted(1, static_cast<std::int64_t>(footprint(size)));
  }
  // To a cell of the thread's own stripe, of an epoch that has one.
  void add_young(const Birth& birth, std::int64_t value) {
    std::int64_t& cell = file_->young[birth.epoch % striped_rows][stripe.number][birth.site];
    if (stripe.number == 0) [[unlikely]]
      return add_shared(cell, value);
#ifdef __x86_64__
    // One instruction, so that a signal's handler on the same thread cannot come between.
    asm volatile("addq %1, %0" : "+m"(cell) : "er"(value) : "cc");
#else
    add_shared(cell, value);
#endif
  }
  void add(const Birth& birth, std::int64_t value) {
    if (clock_->epoch.load(std::memory_order_relaxed) - birth.epoch >= striped_epochs)
      return add_shared(file_->old[birth.epoch][birth.site], value);
    add_young(birth, value);
  }
  static void add_shared(std::int64_t& cell, std::int64_t value) {
    __atomic_fetch_add(&cell, value, __ATOMIC_RELAXED);
  }
  std::atomic<std::uint64_t>& cached(const SiteKey& key) {
    return file_->cache[stripe.number][key.spread() & (cached_sites - 1)];
  }
  std::uint32_t site(std::uint64_t code, std::uint64_t size);
  bool has_stripe() const {
    return stripe.of_process == generation_;
  }
  std::uint32_t sample_stack(std::uint32_t site, const Caller& caller);
  std::uint32_t take_sample();
  void forget_sample(std::uint32_t sample);
  void take_stripe();
  static void give_stripe_back(void*);
  static void in_fork_child();
  bool map_file(void* at);

  LiveFile* file_ = nullptr;
  const LiveClock* clock_ = nullptr;
  std::uint64_t secret_ = 0;
  std::uint32_t generation_ = 0;
  bool tried_ = false;
};

extern constinit LiveCounts live_counts;  // NOLINT(bugprone-dynamic-static-initializers): constinit

}  // namespace soakline
