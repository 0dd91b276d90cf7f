#include "harness/holders/pause.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "harness/proc_files.hpp"
#include "harness/threads.hpp"

namespace soakline {
namespace {

constexpr auto patience = std::chrono::milliseconds(200);
constexpr auto between_looks = std::chrono::microseconds(200);

bool is_stopped(int pid, int tid) {
  std::array<char, 512> text;
  const std::string_view stat =
      open_at(AT_FDCWD, fmt::format("/proc/{}/task/{}/stat", pid, tid).c_str(), O_RDONLY).read(text);
  const auto name_end = stat.rfind(')');  // proc(5): the state follows the name
  return name_end != stat.npos && name_end + 2 < stat.size() && stat[name_end + 2] == 'T';
}

bool all_stopped(int pid) {
  const auto threads = threads_of(pid);
  return std::all_of(threads.begin(), threads.end(),
                     [&](const ThreadState& thread) { return is_stopped(pid, thread.tid); });
}

}  // namespace

Pause::Pause(int pid) {
  int ends[2];
  if (is_stopped(pid, pid) || pipe2(ends, O_CLOEXEC) != 0) return;
  continuer_ = fork();
  if (continuer_ == 0) {
    close(ends[1]);
    setsid();  // who ends all of our group does not leave the process stopped
    char nothing = 0;
    while (read(ends[0], &nothing, 1) < 0 && errno == EINTR) {
    }
    kill(pid, SIGCONT);
    _exit(0);
  }
  close(ends[0]);
  alive_ = ends[1];
  if (continuer_ < 0 || kill(pid, SIGSTOP) != 0) return;
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!all_stopped(pid) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(between_looks);
}

Pause::~Pause() {
  if (alive_ >= 0) close(alive_);
  if (continuer_ > 0)
    while (waitpid(continuer_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace soakline
