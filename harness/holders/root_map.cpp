#include "harness/holders/root_map.hpp"

#include <algorithm>

#include "harness/symbols.hpp"

namespace soakline {
namespace {

// glibc's struct pthread (nptl/descr.h) begins with the TCB, which holds its own address twice, the number of
// the thread further on, and is not larger than this.
constexpr std::uint64_t own_block_alignment = 64, own_block_bytes = 2304, second_self = 16;
constexpr std::uint64_t number_from = 0x200, number_to = 0x400;

// The thread that the block is of; 0 if it is of none.
int thread_of(std::string_view block, const std::vector<ThreadState>& threads) {
  for (std::uint64_t at = number_from; at + sizeof(int) <= std::min(number_to, block.size());
       at += sizeof(int)) {
    int tid = 0;
    std::memcpy(&tid, block.data() + at, sizeof tid);
    const auto found =
        std::lower_bound(threads.begin(), threads.end(), tid,
                         [](const ThreadState& thread, int number) { return thread.tid < number; });
    if (found != threads.end() && found->tid == tid) return tid;
  }
  return 0;
}

}  // namespace

RootMap::RootMap(const MemoryImage& image, int pid, const std::vector<ThreadState>& threads,
                 std::uint64_t thread_local_bytes)
    : image_(image) {
  find_own_blocks(threads);
  for (const ThreadState& thread : threads) add_thread(thread, thread.tid == pid, thread_local_bytes);
  std::sort(of_threads_.begin(), of_threads_.end(),
            [](const RootPlace& a, const RootPlace& b) { return a.start < b.start; });
}

void RootMap::find_own_blocks(const std::vector<ThreadState>& threads) {
#ifdef __x86_64__
  for (const PageRun& run : image_.runs()) {
    const char* const copy = image_.data(run);
    for (std::uint64_t at = run.start; at < run.end; at += own_block_alignment) {
      const char* const here = copy + (at - run.start);
      if (word_at(here) != at || word_at(here + second_self) != at) continue;
      if (const int tid = thread_of(image_.text(at), threads)) own_blocks_.push_back({at, tid});
    }
  }
#endif
}

std::uint64_t RootMap::end_of_block_before(std::uint64_t address) const {
  const auto after =
      std::upper_bound(own_blocks_.begin(), own_blocks_.end(), address,
                       [](std::uint64_t at, const OwnBlock& block) { return at <= block.address; });
  return after == own_blocks_.begin() ? 0 : after[-1].address + own_block_bytes;
}

// A thread's own block, with its thread-locals before it, lies on top of its stack; the first thread's
// elsewhere.
void RootMap::add_thread(const ThreadState& thread, bool first, std::uint64_t thread_local_bytes) {
  const auto own = std::find_if(own_blocks_.begin(), own_blocks_.end(),
                                [&](const OwnBlock& block) { return block.tid == thread.tid; });
  std::uint64_t stack_end = 0;
  const Area* stack = image_.area_of(thread.stack_pointer);
  if (own != own_blocks_.end()) {
    const Area& area = *image_.area_of(own->address);
    const std::uint64_t locals =
        std::max(area.start, own->address - std::min(own->address, thread_local_bytes));
    of_threads_.push_back({Tier::thread_locals, locals, std::min(area.end, own->address + own_block_bytes),
                           thread.tid, own->address});
    if (!first && thread.stack_pointer == 0) stack = &area;
    if (stack == &area) stack_end = locals;
  }
  if (stack == nullptr) return;
  if (stack->kind == Area::Kind::stack) stack_end = stack->end;
  // Other threads' stacks may lie below it in the same mapping.
  const std::uint64_t start = std::max(stack->start, end_of_block_before(stack_end));
  const std::uint64_t top = std::max(start, thread.stack_pointer);
  if (stack_end <= top) return;
  if (top > start) of_threads_.push_back({Tier::none, start, top, thread.tid, 0});
  const Tier tier = thread.stack_pointer == 0 ? Tier::running_stacks : Tier::stacks;
  of_threads_.push_back({tier, top, stack_end, thread.tid, 0});
}

RootPlace RootMap::at(std::uint64_t address) const {
  const auto after =
      std::upper_bound(of_threads_.begin(), of_threads_.end(), address,
                       [](std::uint64_t at, const RootPlace& place) { return at < place.start; });
  if (after != of_threads_.begin() && address < after[-1].end) return after[-1];
  const Area* const area = image_.area_of(address);
  if (area == nullptr) return {};
  RootPlace place{Tier::other, area->start, area->end};
  if (after != of_threads_.begin()) place.start = std::max(place.start, after[-1].end);
  if (after != of_threads_.end()) place.end = std::min(place.end, after->start);
  if (area->kind == Area::Kind::globals)
    place.tier = is_of_system(std::string_view(area->file).substr(area->file.rfind('/') + 1))
                     ? Tier::system_globals
                     : Tier::globals;
  // A stack that is nobody's.
  if (area->kind == Area::Kind::stack) place.tier = Tier::running_stacks;
  return place;
}

}  // namespace soakline
