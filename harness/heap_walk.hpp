// The heap of a running glibc process, counted from outside: chunks in use by size class.
//
// Memory is read with process_vm_readv, which needs the right to trace the process but does not stop it. Each
// heap is a chain of chunks, each with its size in front and a bit that says whether the one before it is in
// use (glibc: malloc/malloc.c, "Chunk layout"; malloc/arena.c, heap_info). What waits in a thread's cache or
// a fastbin is in use by that bit.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "harness/chunk_classes.hpp"
#include "harness/page_heads.hpp"
#include "harness/process_memory.hpp"

namespace soakline {

// Reasons for HeapWalk::unusable that a caller may want to tell apart.
inline constexpr std::string_view no_permission = "no permission", is_gone = "it is gone";

// Whether a file is glibc itself.
bool is_glibc(std::string_view path);

struct HeapWalk {
  std::vector<double> counts;    // by chunk_classes(); in-use chunks
  double chunks = 0, bytes = 0;  // in-use in total
  double free_bytes = 0;         // of the heaps: free chunks and the top
  int arenas = 0;                // heaps walked: [heap], and 64-MiB-aligned heaps of other arenas
  int broken = 0;                // heaps whose chain broke even after a second reading
  double unread_bytes = 0;       // of broken heaps, between a break and where the chain was found again
  double cpu_s = 0;              // what the walk cost us
  std::string unusable;          // why there is nothing; empty if walked
};

// A chunk in use: where it begins, with its header and all, and the first word of what malloc handed out.
struct HeapChunk {
  std::uint64_t start = 0, bytes = 0, first_word = 0;

  std::uint64_t block() const { return start + 16; }  // what malloc handed out
};

struct HeapList {
  std::vector<HeapChunk> chunks;      // ascending
  std::vector<std::uint64_t> arenas;  // where the states of threads' arenas lie
  std::string unusable;               // as of HeapWalk
};

// Its buffers are shared memory and its counts its own: of a process that walks itself only the counts of the
// HeapWalk, one chunk of 1,472 bytes, are in the heap.
class HeapWalker {
 public:
  explicit HeapWalker(int pid) : pid_(pid) {}

  HeapWalk walk();
  // The same without an allocation once `walk` has its counts. `stop` ends it early, with what was counted.
  void walk(HeapWalk& walk, const std::stop_token& stop = {});
  // Chunk by chunk, of a heap of no more bytes in use.
  HeapList list(std::uint64_t most_bytes);
  // The next walk is of another process, with the same buffers.
  void follow(int pid) { pid_ = pid; }

 private:
  struct Heap {
    std::uint64_t first = 0, end = 0;  // the first chunk's address; where the last one ends
    bool main = false;
  };
  struct Link {
    enum Kind { broken, chunk, last } kind = broken;
    std::uint64_t bytes = 0;
    bool in_use = false, sound = false;  // sound: where free, the size at its end agrees
  };
  void find_libc();
  void read_version(const Mapping& mapping);
  Heap main_heap() const;
  void walk_main();
  void walk_mappings();
  void walk_mapping(const Mapping& mapping);
  bool walk_arena_heap(std::uint64_t start);
  std::uint64_t first_chunk(std::uint64_t state, std::uint64_t end);
  std::uint64_t mmapped_chunk(std::uint64_t at, std::uint64_t end);
  void walk_chain(Heap heap);
  std::uint64_t end_now(const Heap& heap);
  Link link(const Heap& heap, std::uint64_t at, MemoryWindow& memory) const;
  bool is_head(const Heap& heap, std::uint64_t head) const;
  std::uint64_t resume(const Heap& heap, std::uint64_t broken_at);
  bool is_chain(const Heap& heap, std::uint64_t at);
  void count(std::uint64_t start, std::uint64_t bytes, std::optional<std::uint64_t> first_word);

  int pid_;
  MappingList mappings_;
  MemoryWindow memory_{256 << 10}, ahead_{4 << 10};  // what is walked, and what a chain is tried on
  PageHeads heads_;
  std::array<std::uint64_t, chunk_class_count> counts_{};
  std::uint64_t bytes_ = 0, free_bytes_ = 0;
  int arenas_ = 0, broken_ = 0;
  std::uint64_t unread_bytes_ = 0;
  std::string_view unusable_;
  std::stop_token stop_;
  HeapList* listed_ = nullptr;  // where chunks are listed, too
  std::uint64_t most_listed_ = 0;
  std::stop_source enough_{std::nostopstate};
  struct Libc {
    std::uint64_t start = 0, inode = 0;
    int minor = 0;  // of version 2; 0 if its memory does not say
  };
  Libc libc_;
};

}  // namespace soakline
