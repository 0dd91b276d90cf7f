// The target's own side of its LiveFile: counts births and deaths, in a few instructions each.
#pragma once

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

class LiveCounts {
 public:
  // Whether blocks are counted. False until the environment is known, and for ever where there is no folder
  // or no room in it: then the program runs as without the agent.
  bool on() { return file_ != nullptr; }
  // Makes and maps the file. Once; what was handed out before is not counted.
  void start();
  // When the constructors of the program run: threads that end give their stripe back, forks get a file of
  // their own.
  void follow_threads_and_forks();

  Birth born(std::uint64_t size, const Caller& caller) {
    Birth birth{size, site(caller.code, size), clock_->epoch.load(std::memory_order_relaxed),
                header_bytes_log2, generation_};
    if (file_->sample_one_of[birth.site].load(std::memory_order_relaxed) != 0) [[unlikely]]
      birth.sample = sample_stack(birth.site, caller);
    add(birth.site, birth.epoch, block_of(size));
    return birth;
  }
  void died(const Birth& birth) {
    if (birth.generation != (generation_ & 31)) return;
    if (birth.sample != 0) [[unlikely]]
      forget_sample(birth.sample);
    add(birth.site, birth.epoch, -block_of(birth.size));
  }
  // The same block with another size, as old as before: what a buffer grows by has lived as long as the
  // buffer.
  Birth resized(Birth birth, std::uint64_t size, const Caller& caller) {
    died(birth);
    birth.size = size;
    birth.site = site(caller.code, size);
    birth.generation = generation_;
    birth.sample = 0;
    add(birth.site, birth.epoch, block_of(size));
    return birth;
  }
  std::uint64_t secret() const { return secret_; }

 private:
  static std::int64_t block_of(std::uint64_t size) {
    return counted(1, static_cast<std::int64_t>(footprint(size)));
  }
  void add(std::uint32_t site, std::uint32_t epoch, std::int64_t value);
  std::uint32_t site(std::uint64_t caller, std::uint64_t size);
  std::uint32_t find_site(std::uint64_t hash, std::uint64_t caller, std::uint32_t size_class,
                          std::atomic<std::uint64_t>& cached);
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
