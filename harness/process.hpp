// A process tree of ours that cannot outlive us: a command started under soakline-guard.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "harness/event_loop.hpp"
#include "harness/scenario.hpp"

namespace soakline {

// A program that cannot be started; what() names it and the reason.
struct StartError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Where soakline's own programs lie: beside the one that runs.
std::filesystem::path program_directory();

// Libraries that the guard preloads into the command, and only into that.
inline constexpr char preload_variable[] = "SOAKLINE_PRELOAD";

class Process {
 public:
  enum class Input { none, lines };
  // Starts it with its output (both streams) going to `on_output`; an argument array, never a shell.
  Process(EventLoop& loop, const Command& command, std::function<void(std::string_view)> on_output,
          Input input = Input::none);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  pid_t guard_pid() const { return guard_; }  // all that the command starts descends from it
  bool running();
  // How the command itself ended, for people: "exit code 3", "signal 9 (Killed)".
  std::string ending() const;

  // To its standard input, where that takes lines; whether it went. Never waits.
  bool write_line(std::string line) const;
  // To the command itself; nothing where it has ended.
  void send(int signal);
  // To all that the command has started, itself included, now.
  void send_to_tree(int signal) const;
  // Sends `signal`, waits up to `grace_s` for the command to end, then kills what is left of its tree.
  void stop(EventLoop& loop, int signal, double grace_s);

 private:
  bool receive(bool wait);
  void on_message(std::string_view line);
  void end();

  pid_t guard_ = 0;
  pid_t pid_ = 0;
  int control_ = -1;
  int input_ = -1;
  int failed_ = 0;
  std::optional<int> status_;
  LineSplitter messages_{[this](std::string_view line) { on_message(line); }};
};

}  // namespace soakline
