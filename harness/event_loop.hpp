// Waits for a moment while what arrives on pipes is handed on as it comes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace soakline {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();

  // Takes the descriptor over; `on_bytes` gets what arrives, with nothing at the end.
  void read(int fd, std::function<void(std::string_view)> on_bytes);

  void run_until(std::chrono::steady_clock::time_point moment);

  // Hands on what has arrived already: the last words of a process that ended.
  void drain();

  // Runs until `done` holds or `deadline` has come; whether it held.
  bool wait_for(const std::function<bool()>& done, std::chrono::steady_clock::time_point deadline);

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

// Cuts a stream of bytes into lines.
class LineSplitter {
 public:
  explicit LineSplitter(std::function<void(std::string_view)> on_line) : on_line_(std::move(on_line)) {}
  void add(std::string_view bytes);

 private:
  std::function<void(std::string_view)> on_line_;
  std::string partial_;
};

}  // namespace soakline
