#include "harness/heap_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>

namespace soakline {
namespace {

// malloc/malloc.c: flags in the low bits of a size, and the least sizes.
constexpr std::uint64_t prev_in_use = 1, is_mmapped = 2, is_of_thread_arena = 4, flag_bits = 7;
constexpr std::uint64_t alignment = 16, least_chunk = 32, fencepost = 16;
constexpr std::uint64_t least_mmapped = 128 << 10;  // DEFAULT_MMAP_THRESHOLD_MIN, which only rises by itself
constexpr std::uint64_t heap_span = 64 << 20;       // HEAP_MAX_SIZE: heaps lie at multiples of it

// The versions whose layout was compared: heap_info has 32 bytes, 48 with the page size in it (2.35, and
// backports); malloc_state behind it 2,200 (2,192 up to 2.26), and then the first chunk, aligned.
constexpr int oldest_known = 26, newest_known = 41;
constexpr std::array<std::uint64_t, 2> heap_info_bytes = {48, 32};
constexpr std::array<std::uint64_t, 2> malloc_state_bytes = {2200, 2192};

constexpr int links_to_trust = 8;                   // chunks in a row, by their sizes, are a chain
constexpr std::uint64_t longest_search = 64 << 20;  // bytes behind a break in which it is looked for

constexpr std::string_view release = " release version 2.";

std::uint64_t aligned(std::uint64_t value, std::uint64_t to) {
  return (value + to - 1) / to * to;
}

std::uint64_t size_of(std::uint64_t head) {
  return head & ~flag_bits;
}

// The size of the mmapped chunk whose first words these are, 0 if they are not; `room` is what the mapping
// has.
std::uint64_t mmapped_bytes(std::uint64_t padding, std::uint64_t head, std::uint64_t room) {
  if (padding != 0 || (head & flag_bits) != is_mmapped) return 0;
  const std::uint64_t bytes = size_of(head);
  return bytes >= least_mmapped && bytes % page_bytes == 0 && bytes <= room ? bytes : 0;
}

double thread_cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string_view words_of(int error) {
  if (error == EPERM || error == EACCES) return no_permission;
  return is_gone;
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_musl(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with("ld-musl-") || name.starts_with("libc.musl-");
}

// A library that takes malloc from glibc, as why the walk is of no use; "" if it is none.
std::string_view other_allocator(std::string_view path) {
  const std::string_view name = file_name(path);
  if (name.starts_with("libjemalloc")) return "its malloc is jemalloc's";
  if (name.starts_with("libtcmalloc")) return "its malloc is tcmalloc's";
  if (name.starts_with("libmimalloc")) return "its malloc is mimalloc's";
  return {};
}

}  // namespace

bool is_glibc(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with("libc.so.6") || (name.starts_with("libc-2.") && name.find(".so") != name.npos);
}

HeapWalk HeapWalker::walk() {
  HeapWalk result;
  walk(result);
  return result;
}

void HeapWalker::walk(HeapWalk& walk, const std::stop_token& stop) {
  const double before_s = thread_cpu_s();
  stop_ = stop;
  counts_.fill(0);
  bytes_ = free_bytes_ = unread_bytes_ = 0;
  arenas_ = broken_ = 0;
  unusable_ = {};
  memory_.open(pid_);
  ahead_.open(pid_);
  heads_.open(pid_);
  if (const int error = mappings_.read(pid_)) unusable_ = words_of(error);
  if (unusable_.empty()) find_libc();
  if (unusable_.empty()) {
    walk_main();
    walk_mappings();
  }
  walk.counts.assign(counts_.begin(), counts_.end());
  walk.chunks = 0;
  for (const double chunks : walk.counts) walk.chunks += chunks;
  walk.bytes = static_cast<double>(bytes_);
  walk.free_bytes = static_cast<double>(free_bytes_);
  walk.arenas = arenas_;
  walk.broken = broken_;
  walk.unread_bytes = static_cast<double>(unread_bytes_);
  walk.unusable = unusable_;
  walk.cpu_s = thread_cpu_s() - before_s;
}

HeapList HeapWalker::list(std::uint64_t most_bytes) {
  HeapList list;
  listed_ = &list;
  most_listed_ = most_bytes;
  enough_ = std::stop_source();
  HeapWalk counted;
  walk(counted, enough_.get_token());
  listed_ = nullptr;
  list.unusable = counted.unusable;
  if (enough_.stop_requested()) {
    list.unusable = fmt::format("its heap has more than {:.0f} MB", 1e-6 * static_cast<double>(most_bytes));
    list.chunks.clear();
  }
  std::sort(list.chunks.begin(), list.chunks.end(),
            [](const HeapChunk& a, const HeapChunk& b) { return a.start < b.start; });
  return list;
}

// Which glibc it is stands in libc's constants, read from memory: its file may be replaced or in a container.
void HeapWalker::find_libc() {
#if !defined(__x86_64__) && !defined(__aarch64__)
  unusable_ = "malloc of this kind of machine is not known";
  return;
#endif
  bool glibc = false, musl = false;
  std::string_view other;
  mappings_.for_each([&](const Mapping& mapping) {
    musl = musl || is_musl(mapping.name);
    if (const auto name = other_allocator(mapping.name); !name.empty()) other = name;
    if (!is_glibc(mapping.name)) return;
    if (!glibc && (libc_.start != mapping.start || libc_.inode != mapping.inode))
      libc_ = {mapping.start, mapping.inode, 0};
    glibc = true;
    if (libc_.minor == 0 && mapping.readable && !mapping.writable) read_version(mapping);
  });
  if (!glibc) {
    unusable_ = musl ? "not glibc" : "statically linked";
  } else if (!other.empty()) {
    unusable_ = other;
  } else if (libc_.start < (std::uint64_t{1} << 32)) {
    unusable_ = "32-bit";
  } else if (libc_.minor == 0) {
    unusable_ = memory_.error() != 0 ? words_of(memory_.error()) : "this glibc does not say its version";
  } else if (libc_.minor < oldest_known || libc_.minor > newest_known) {
    unusable_ = "this version of glibc is not known";
  }
}

void HeapWalker::read_version(const Mapping& mapping) {
  memory_.set_end(mapping.end);
  // Windows overlap, so that the words are whole in one of them.
  for (std::uint64_t at = mapping.start; at < mapping.end && libc_.minor == 0;) {
    const std::string_view text = memory_.text(at);
    const auto found = text.find(release);
    if (found != text.npos)
      std::from_chars(text.data() + found + release.size(), text.data() + text.size(), libc_.minor);
    if (text.size() <= 64) break;
    at += text.size() - 64;
  }
}

// [heap] is one chain, however many mappings it is split into.
HeapWalker::Heap HeapWalker::main_heap() const {
  Heap heap{0, 0, true};
  mappings_.for_each([&](const Mapping& mapping) {
    if (mapping.name != "[heap]" || !mapping.readable) return;
    if (heap.first == 0) heap.first = mapping.start;
    heap.end = mapping.end;
  });
  return heap;
}

void HeapWalker::walk_main() {
  const Heap heap = main_heap();
  if (heap.first == 0) return;
  memory_.forget();
  ++arenas_;
  walk_chain(heap);
}

void HeapWalker::walk_mappings() {
  mappings_.for_each([&](const Mapping& mapping) {
    if (mapping.is_anonymous() && !stop_.stop_requested()) walk_mapping(mapping);
  });
}

// Heaps of other arenas and mmapped chunks, which the kernel joins to one mapping where they touch each other
// or other memory.
void HeapWalker::walk_mapping(const Mapping& mapping) {
  // A sanitizer's shadow and the like: reserved by the terabyte, and none of malloc's.
  constexpr std::uint64_t largest_mapping = std::uint64_t{64} << 30;
  if (mapping.end - mapping.start > largest_mapping) return;
  std::uint64_t at = mapping.start;
  while (at < mapping.end && !stop_.stop_requested()) {
    memory_.forget();
    memory_.set_end(std::min(mapping.end, at + page_bytes));
    if (at % heap_span == 0 && walk_arena_heap(at)) {
      at += heap_span;
    } else if (const std::uint64_t bytes = mmapped_chunk(at, mapping.end)) {
      count(at, bytes, memory_.word(at + 16));
      at += bytes;
    } else {
      at = heads_.find(
          at + page_bytes, mapping.end, [&](std::uint64_t page, std::uint64_t padding, std::uint64_t head) {
            return page % heap_span == 0 || mmapped_bytes(padding, head, mapping.end - page) != 0;
          });
    }
  }
}

// heap_info: the arena, the heap before this one, its bytes, those that are accessible. The arena lies behind
// the heap_info of its first heap: how far says how large heap_info is.
bool HeapWalker::walk_arena_heap(std::uint64_t start) {
  const auto arena = memory_.word(start), previous = memory_.word(start + 8);
  const auto bytes = memory_.word(start + 16), accessible = memory_.word(start + 24);
  if (!arena || !previous || !bytes || !accessible) return false;
  const std::uint64_t info = *arena % heap_span;
  if (std::find(heap_info_bytes.begin(), heap_info_bytes.end(), info) == heap_info_bytes.end()) return false;
  if (*bytes % page_bytes != 0 || *bytes == 0 || *bytes > *accessible || *accessible > heap_span)
    return false;
  const bool first = *arena - info == start;
  if (first != (*previous == 0) || *previous % heap_span != 0) return false;

  const std::uint64_t end = start + *bytes;
  ++arenas_;
  if (first && listed_ != nullptr) listed_->arenas.push_back(start + info);
  memory_.set_end(end);
  memory_.forget();
  const std::uint64_t chunk = first ? first_chunk(start + info, end) : start + info;
  walk_chain({chunk, end, false});
  return true;
}

std::uint64_t HeapWalker::first_chunk(std::uint64_t state, std::uint64_t end) {
  ahead_.forget();
  ahead_.set_end(end);
  for (const std::uint64_t bytes : malloc_state_bytes) {
    const std::uint64_t at = aligned(state + bytes, alignment);
    if (is_chain({at, end, false}, at)) return at;
  }
  return aligned(state + malloc_state_bytes.front(), alignment);
}

std::uint64_t HeapWalker::mmapped_chunk(std::uint64_t at, std::uint64_t end) {
  const auto padding = memory_.word(at), head = memory_.word(at + 8);
  return padding && head ? mmapped_bytes(*padding, *head, end - at) : 0;
}

// A heap that the process has grown or trimmed meanwhile ends elsewhere.
std::uint64_t HeapWalker::end_now(const Heap& heap) {
  if (heap.main) return mappings_.read(pid_) == 0 ? main_heap().end : heap.end;
  const std::uint64_t start = heap.first / heap_span * heap_span;
  ahead_.forget();
  ahead_.set_end(start + page_bytes);
  return start + std::min(ahead_.word(start + 16).value_or(0), heap_span);
}

// What stands at an address, as far as one can see while the process works on it.
HeapWalker::Link HeapWalker::link(const Heap& heap, std::uint64_t at, MemoryWindow& memory) const {
  const auto head = memory.word(at + 8);
  if (!head) return {};
  // A heap ends with its top, or, where another heap follows, with a head without bytes.
  if (size_of(*head) == 0 && *head != 0 && at + alignment == heap.end) return {Link::last};
  if (!is_head(heap, *head)) return {};
  Link link{Link::chunk, size_of(*head)};
  if (link.bytes == heap.end - at) return {Link::last};
  if (link.bytes > heap.end - at) return {};
  const std::uint64_t next = at + link.bytes;
  const auto next_head = memory.word(next + 8);
  if (!next_head) return {};
  link.in_use = (*next_head & prev_in_use) != 0;
  link.sound = link.in_use || memory.word(next) == link.bytes;
  if (link.bytes == fencepost) link.in_use = false;
  return link;
}

bool HeapWalker::is_head(const Heap& heap, std::uint64_t head) const {
  const std::uint64_t bytes = size_of(head);
  if ((head & is_mmapped) != 0 || (heap.main && (head & is_of_thread_arena) != 0)) return false;
  return bytes % alignment == 0 && (bytes >= least_chunk || bytes == fencepost);
}

// From chunk to chunk. Where the chain breaks, the process may have been at work there: it is read again, and
// if it is still broken, found again further on.
void HeapWalker::walk_chain(Heap heap) {
  memory_.set_end(heap.end);
  bool broke = false;
  for (std::uint64_t at = heap.first; at < heap.end && !stop_.stop_requested();) {
    // Before what is further on: the window moves ahead.
    const auto first_word = listed_ == nullptr ? std::nullopt : memory_.word(at + 16);
    Link here = link(heap, at, memory_);
    if (here.kind == Link::broken) {
      heap.end = end_now(heap);
      if (at >= heap.end) break;
      memory_.forget();
      memory_.set_end(heap.end);
      here = link(heap, at, memory_);
    }
    if (here.kind == Link::last) {
      free_bytes_ += heap.end - at;
      break;
    }
    if (here.kind == Link::broken) {
      broke = true;
      here.bytes = resume(heap, at) - at;
      unread_bytes_ += here.bytes;
    } else if (here.in_use) {
      count(at, here.bytes, first_word);
    } else {
      free_bytes_ += here.bytes;
    }
    at += here.bytes;
  }
  if (broke) ++broken_;
}

// Where the chain goes on behind a break; the heap's end if that is not to be seen.
std::uint64_t HeapWalker::resume(const Heap& heap, std::uint64_t broken_at) {
  ahead_.forget();
  ahead_.set_end(heap.end);
  const std::uint64_t stop_at = std::min(heap.end, broken_at + longest_search);
  for (std::uint64_t at = broken_at + alignment; at + alignment < stop_at; at += alignment) {
    const auto head = memory_.word(at + 8);
    if (!head) break;
    if (is_head(heap, *head) && size_of(*head) < heap.end - at && is_chain(heap, at)) return at;
  }
  return heap.end;
}

bool HeapWalker::is_chain(const Heap& heap, std::uint64_t at) {
  for (int links = 0; links < links_to_trust; ++links) {
    const Link here = link(heap, at, ahead_);
    if (here.kind == Link::last) return true;
    if (here.kind != Link::chunk || !here.sound) return false;
    at += here.bytes;
  }
  return true;
}

void HeapWalker::count(std::uint64_t start, std::uint64_t bytes, std::optional<std::uint64_t> first_word) {
  ++counts_[chunk_class_of(bytes)];
  bytes_ += bytes;
  if (listed_ == nullptr) return;
  if (bytes_ > most_listed_)
    enough_.request_stop();
  else
    listed_->chunks.push_back({start, bytes, first_word.value_or(0)});
}

}  // namespace soakline
