#include "harness/proc_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace soakline {

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

OpenFile::~OpenFile() {
  if (fd_ >= 0) close(fd_);
}

std::string_view OpenFile::read(std::span<char> buffer) const {
  const ssize_t size = pread(fd_, buffer.data(), buffer.size(), 0);
  return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

OpenFile open_at(int directory, const char* path, int flags) {
  return OpenFile(openat(directory, path, flags | O_CLOEXEC));
}

bool numbers_in(const OpenFile& directory, std::span<char> buffer, std::vector<int>& numbers) {
  numbers.clear();
  if (lseek(directory.fd(), 0, SEEK_SET) != 0) return false;
  for (;;) {
    const long size = syscall(SYS_getdents64, directory.fd(), buffer.data(), buffer.size());
    if (size < 0) return false;
    if (size == 0) break;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      const std::string_view name(entry->d_name);
      int number = 0;
      if (std::from_chars(name.data(), name.data() + name.size(), number).ptr == name.data() + name.size())
        numbers.push_back(number);
      at += entry->d_reclen;
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return true;
}

std::vector<std::string> command_line_of(pid_t pid) {
  std::array<char, 64 * 1024> buffer;
  std::string_view text =
      open_at(AT_FDCWD, fmt::format("/proc/{}/cmdline", pid).c_str(), O_RDONLY).read(buffer);
  std::vector<std::string> arguments;
  while (!text.empty()) {
    const auto end = std::min(text.find('\0'), text.size());
    arguments.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return arguments;
}

std::uint64_t nth_number(std::string_view line, int n) {
  const char* at = line.data();
  const char* const end = at + line.size();
  std::uint64_t value = 0;
  for (int i = 0; i < n; ++i) {
    while (at < end && (*at == ' ' || *at == '-')) ++at;
    value = 0;
    at = std::from_chars(at, end, value).ptr;
  }
  return value;
}

std::uint64_t stat_field(std::string_view line, int n) {
  // Fields from the third on follow the last ')': the name before it may hold blanks and parentheses itself.
  const auto name_end = line.rfind(')');
  if (name_end == std::string_view::npos || name_end + 4 > line.size()) return 0;
  return nth_number(line.substr(name_end + 4), n - 3);
}

double kilobytes_of(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return std::numeric_limits<double>::quiet_NaN();
  auto digits = text.substr(at + name.size());
  digits.remove_prefix(std::min(digits.find_first_of("0123456789"), digits.size()));
  return 1024 * static_cast<double>(nth_number(digits, 1));
}

}  // namespace soakline
