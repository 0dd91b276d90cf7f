#include "harness/log_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace soakline {

LogFile::LogFile(std::filesystem::path path, std::size_t cap_bytes)
    : path_(std::move(path)), cap_bytes_(cap_bytes), lines_([this](std::string_view line) {
        if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
          last_.emplace_back(line.substr(0, 500));
          if (last_.size() > 20) last_.pop_front();
        }
        if (listener_) listener_(line);
      }) {
  open();
}

void LogFile::open() {
  file_ = OpenFile(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
}

void LogFile::write(std::string_view bytes) {
  lines_.add(bytes);
  while (!bytes.empty() && file_.is_open()) {
    const ssize_t size = ::write(file_.fd(), bytes.data(), bytes.size());
    if (size <= 0) return;  // a full disk costs the log, not the run
    written_ += static_cast<std::size_t>(size);
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  if (written_ < cap_bytes_) return;
  std::error_code ignored;
  std::filesystem::rename(path_, path_.string() + ".1", ignored);
  written_ = 0;
  open();
}

std::string LogFile::last_line() const {
  return last_.empty() ? "" : last_.back();
}

}  // namespace soakline
