#include "harness/page_heads.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "harness/process_memory.hpp"

namespace soakline {
namespace {

constexpr std::uint64_t is_present = std::uint64_t{1} << 63;  // proc(5), pagemap

}  // namespace

void PageHeads::open(int pid) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/pagemap", pid);
  pid_ = pid;
  pagemap_ = open_at(AT_FDCWD, path, O_RDONLY);
}

std::size_t PageHeads::read(std::uint64_t from, std::uint64_t end) {
  const std::size_t asked = std::min<std::size_t>(most_pages, (end - from) / page_bytes);
  std::uint64_t entries[most_pages];
  const ssize_t size = pread(pagemap_.fd(), entries, asked * sizeof entries[0],
                             static_cast<off_t>(from / page_bytes * sizeof entries[0]));
  if (size <= 0) return 0;
  std::size_t count = 0;
  iovec remote[most_pages];
  for (std::size_t i = 0; i < static_cast<std::size_t>(size) / sizeof entries[0]; ++i) {
    if ((entries[i] & is_present) == 0) continue;
    pages_[count] = from + i * page_bytes;
    remote[count] = remote_span(pages_[count], sizeof(Head));
    ++count;
  }
  const iovec local{heads_, count * sizeof(Head)};
  if (count == 0) return 0;
  const ssize_t got = process_vm_readv(pid_, &local, 1, remote, count, 0);
  return got > 0 ? static_cast<std::size_t>(got) / sizeof(Head) : 0;
}

}  // namespace soakline
