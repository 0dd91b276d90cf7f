// A process's output, kept on disk under a cap, and its last lines for messages.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "harness/event_loop.hpp"
#include "harness/proc_files.hpp"

namespace soakline {

class LogFile {
 public:
  // Past `cap_bytes` the file becomes "NAME.1" and a new one begins: at most twice the cap on disk.
  explicit LogFile(std::filesystem::path path, std::size_t cap_bytes = 8 << 20);

  void write(std::string_view bytes);
  // Called for every line from now on.
  void on_line(std::function<void(std::string_view)> listener) { listener_ = std::move(listener); }
  // The last line that says anything, "" if none.
  std::string last_line() const;
  const std::deque<std::string>& last_lines() const { return last_; }

 private:
  void open();

  std::filesystem::path path_;
  std::size_t cap_bytes_, written_ = 0;
  OpenFile file_;
  std::deque<std::string> last_;
  std::function<void(std::string_view)> listener_;
  LineSplitter lines_;
};

}  // namespace soakline
