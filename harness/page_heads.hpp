// The first words of the pages of a process that are in memory: none is brought in to be looked at.
#pragma once

#include <unistd.h>

#include <cstdint>

#include "harness/proc_files.hpp"

namespace soakline {

inline const std::uint64_t page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));

class PageHeads {
 public:
  // /proc/PID/pagemap; where it cannot be read, no page is seen.
  void open(int pid);
  // The first page from `from` up to `end` of which wanted(page, first word, second word) holds, `end` if
  // none.
  template <typename Wanted>
  std::uint64_t find(std::uint64_t from, std::uint64_t end, Wanted&& wanted);

 private:
  static constexpr std::size_t most_pages = 512;  // looked at with one system call
  struct Head {
    std::uint64_t first, second;
  };
  // Reads those of up to most_pages pages; how many were.
  std::size_t read(std::uint64_t from, std::uint64_t end);

  int pid_ = 0;
  OpenFile pagemap_;
  std::uint64_t pages_[most_pages];
  Head heads_[most_pages];
};

template <typename Wanted>
std::uint64_t PageHeads::find(std::uint64_t from, std::uint64_t end, Wanted&& wanted) {
  for (; from < end; from += most_pages * page_bytes) {
    const std::size_t count = read(from, end);
    for (std::size_t i = 0; i < count; ++i)
      if (wanted(pages_[i], heads_[i].first, heads_[i].second)) return pages_[i];
  }
  return end;
}

}  // namespace soakline
