#include "harness/holders/kernel_pointers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <string_view>

#include "harness/proc_files.hpp"

namespace soakline {
namespace {

// proc(5), /proc/PID/fdinfo: "tfd:        5 events:       19 data:     55d0c0ffee00 ..."
void read_epoll(int pid, int descriptor, std::vector<KernelPointer>& pointers) {
  constexpr std::string_view label = " data:";
  std::ifstream info(fmt::format("/proc/{}/fdinfo/{}", pid, descriptor));
  for (std::string line; std::getline(info, line);) {
    const auto at = line.find(label);
    if (!line.starts_with("tfd:") || at == std::string::npos) continue;
    const auto digits = line.find_first_not_of(' ', at + label.size());
    if (digits == std::string::npos) continue;
    std::uint64_t value = 0;
    std::from_chars(line.data() + digits, line.data() + line.size(), value, 16);
    pointers.push_back({value, descriptor});
  }
}

}  // namespace

KernelPointers kernel_pointers_of(int pid) {
  KernelPointers found;
  std::vector<int> descriptors;
  std::vector<char> buffer(64 << 10);
  const OpenFile folder = open_at(AT_FDCWD, fmt::format("/proc/{}/fd", pid).c_str(), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || !numbers_in(folder, buffer, descriptors)) return found;
  for (const int descriptor : descriptors) {
    const ssize_t length =
        readlinkat(folder.fd(), std::to_string(descriptor).c_str(), buffer.data(), buffer.size());
    const std::string_view what(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    if (what == "anon_inode:[eventpoll]") read_epoll(pid, descriptor, found.of_epoll);
    if (what == "anon_inode:[io_uring]") found.has_io_uring = true;
  }
  return found;
}

}  // namespace soakline
