#include "harness/holders/root_names.hpp"

#include <elfutils/libdwfl.h>
#include <fmt/format.h>

#include <algorithm>

#include "harness/holders/stack_names.hpp"
#include "harness/holders/type_names.hpp"

namespace soakline {
namespace {

// No address of a user's program.
constexpr std::uint64_t of_threads = std::uint64_t{1} << 63, of_blocks = std::uint64_t{1} << 62;

std::string with_offset(const char* mangled, std::uint64_t offset) {
  const std::string name = tidy_name(full_name(mangled));
  return offset == 0 ? name : fmt::format("{} +{:#x}", name, offset);
}

}  // namespace

std::uint64_t RootNames::group(const RootSlot& slot) {
  if (slot.tier == Tier::other) return 0;
  if (slot.tier == Tier::kernel) return slot.address;
  const RootPlace place = map_.at(slot.address);
  if (place.tier == Tier::thread_locals) {
    const std::uint64_t before = place.thread_block - slot.address;  // below 0 behind its beginning
    const auto symbol =
        slot.address < place.thread_block ? data_.thread_local_before_end(before) : std::nullopt;
    return symbol ? of_threads | symbol->start : of_threads | of_blocks | (before & ~of_threads);
  }
  if (slot.tier == Tier::stacks || slot.tier == Tier::running_stacks) {
    // Threads that wait at one place, equally deep, have come there on one way.
    const ThreadState* const thread = thread_at(place);
    const std::uint64_t code = thread == nullptr ? place.start : thread->code;
    return of_threads | (code << 20 ^ (place.end - place.start));
  }
  const auto symbol = data_.at(slot.address);
  return symbol ? symbol->start : slot.address;
}

std::string RootNames::name(const RootSlot& slot, std::size_t others) {
  const std::string alike = others > 0 ? fmt::format(", and {} alike", others) : "";
  const RootPlace place = map_.at(slot.address);
  switch (slot.tier) {
    case Tier::globals:
    case Tier::system_globals:
      return global_name(slot.address);
    case Tier::thread_locals:
      return thread_local_name(place, slot.address) + alike;
    case Tier::stacks:
      return stack_name(place, slot.address) + alike;
    case Tier::kernel:
      return fmt::format("epoll, descriptor {}", slot.address);
    case Tier::running_stacks:
      return place.tid == 0 ? "a stack"
                            : fmt::format("stack of thread {}, which runs", thread_name(pid_, place.tid));
    case Tier::other:
    case Tier::none:
      break;
  }
  return "memory that malloc did not hand out";
}

std::string RootNames::global_name(std::uint64_t address) {
  if (const auto symbol = data_.at(address)) return with_offset(symbol->name, address - symbol->start);
  const Area* const area = image_.area_of(address);
  const std::string file = area == nullptr ? "" : area->file.substr(area->file.rfind('/') + 1);
  return fmt::format("a global of {}", file);
}

std::string RootNames::thread_local_name(const RootPlace& place, std::uint64_t address) {
  const std::string thread = thread_name(pid_, place.tid);
  if (address < place.thread_block) {
    const auto symbol = data_.thread_local_before_end(place.thread_block - address);
    if (symbol)
      return fmt::format("thread-local {} of thread {}", tidy_name(full_name(symbol->name)), thread);
    return fmt::format("thread-local of a library, thread {}", thread);
  }
  constexpr std::uint64_t loaded_later = 8;  // the TCB's list of the thread-locals of libraries
  if (address == place.thread_block + loaded_later)
    return fmt::format("thread-local of a library, thread {}", thread);
  // The thread's function and its argument follow each other.
  const bool is_argument = code_.session() != nullptr &&
                           dwfl_addrmodule(code_.session(), image_.word(address - 8).value_or(0)) != nullptr;
  return fmt::format("{} of thread {}", is_argument ? "argument" : "thread-specific data", thread);
}

const ThreadState* RootNames::thread_at(const RootPlace& place) const {
  const auto found = std::lower_bound(threads_.begin(), threads_.end(), place.tid,
                                      [](const ThreadState& thread, int tid) { return thread.tid < tid; });
  return found == threads_.end() || found->tid != place.tid ? nullptr : &*found;
}

std::string RootNames::stack_name(const RootPlace& place, std::uint64_t address) {
  const ThreadState* const thread = thread_at(place);
  if (thread == nullptr) return "a stack on the heap";
  const std::string where = name_on_stack(image_, *thread, place.end, address, code_);
  const std::string name = fmt::format("stack of thread {}", thread_name(pid_, place.tid));
  return where.empty() ? name : name + ": " + where;
}

}  // namespace soakline
