#include "harness/process_memory.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "harness/proc_files.hpp"

namespace soakline {
namespace {

std::uint64_t take_number(std::string_view& text, int base) {
  std::uint64_t value = 0;
  const char* end = std::from_chars(text.data(), text.data() + text.size(), value, base).ptr;
  text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(end - text.data()) + 1));
  return value;
}

std::string_view take_word(std::string_view& text) {
  const auto at = text.find(' ');
  const std::string_view word = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return word;
}

}  // namespace

int MappingList::read(int pid) {
  text_ = {};
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/maps", pid);
  const OpenFile file = open_at(AT_FDCWD, path, O_RDONLY);
  if (!file.is_open()) return errno;
  std::size_t size = 0;
  for (;;) {
    char* const buffer = static_cast<char*>(buffer_.get_address());
    const ssize_t got = ::read(file.fd(), buffer + size, buffer_.get_size() - size);
    if (got < 0) return errno;
    size += static_cast<std::size_t>(got);
    if (got == 0) break;
    if (size < buffer_.get_size()) continue;
    auto larger = boost::interprocess::anonymous_shared_memory(2 * buffer_.get_size());
    std::memcpy(larger.get_address(), buffer, size);
    buffer_.swap(larger);
  }
  text_ = {static_cast<const char*>(buffer_.get_address()), size};
  return 0;
}

// "FROM-TO rw-p offset dev inode      NAME"
Mapping MappingList::take(std::string_view& rest) {
  const auto line_end = rest.find('\n');
  std::string_view line = rest.substr(0, line_end);
  rest.remove_prefix(line_end == std::string_view::npos ? rest.size() : line_end + 1);
  Mapping mapping;
  mapping.start = take_number(line, 16);
  mapping.end = take_number(line, 16);
  const std::string_view rights = take_word(line);
  mapping.readable = rights.starts_with('r');
  mapping.writable = rights.substr(0, 2).ends_with('w');
  mapping.shared = rights.ends_with('s');
  take_word(line);
  take_word(line);
  mapping.inode = take_number(line, 10);
  mapping.name = line.substr(std::min(line.find_first_not_of(' '), line.size()));
  return mapping;
}

void MemoryWindow::open(int pid) {
  pid_ = pid;
  error_ = 0;
  forget();
}

std::string_view MemoryWindow::text(std::uint64_t address) {
  return move_to(address) ? std::string_view(data(), bytes_) : std::string_view();
}

bool MemoryWindow::move_to(std::uint64_t address) {
  base_ = address;
  bytes_ = 0;
  if (address >= end_) return false;
  iovec local{region_.get_address(), std::min<std::size_t>(region_.get_size(), end_ - address)};
  const iovec remote = remote_span(address, local.iov_len);
  const ssize_t got = process_vm_readv(pid_, &local, 1, &remote, 1, 0);
  if (got < 0) error_ = errno;
  bytes_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  return bytes_ >= 8;
}

}  // namespace soakline
