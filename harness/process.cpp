#include "harness/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "harness/process_tree.hpp"

namespace soakline {
namespace {

constexpr int guard_control_fd = 3;  // where the guard finds its end

// PDEATHSIG and the like apart, an inherited descriptor would keep a dead harness's pipe open: all are
// close-on-exec.
struct Pipe {
  int ours = -1, theirs = -1;
};

Pipe socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw StartError(fmt::format("no socket pair for a guard: {}", std::strerror(errno)));
  return {ends[0], ends[1]};
}

Pipe output_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw StartError(fmt::format("no pipe for a process's output: {}", std::strerror(errno)));
  return {ends[0], ends[1]};
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!changes.contains(std::string(text.substr(0, text.find('='))))) environment.emplace_back(text);
  }
  for (const auto& [name, value] : changes) environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// `input`: negative for none.
pid_t spawn_guard(const Command& command, int control, int output, int input) {
  const std::string guard = program_directory() / "soakline-guard";
  std::vector<std::string> arguments = {guard, std::to_string(guard_control_fd)};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = environment_with(command.environment);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input >= 0)
    posix_spawn_file_actions_adddup2(&actions, input, 0);
  else
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  posix_spawn_file_actions_adddup2(&actions, control, guard_control_fd);
  if (!command.working_directory.empty())
    posix_spawn_file_actions_addchdir_np(&actions, command.working_directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

  pid_t pid = 0;
  const int error = posix_spawn(&pid, guard.c_str(), &actions, &attributes, pointers(arguments).data(),
                                pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error == 0) return pid;
  if (!command.working_directory.empty() && !std::filesystem::is_directory(command.working_directory))
    throw StartError(fmt::format("cannot start '{}': its cwd '{}' is not a directory", command.arguments[0],
                                 command.working_directory.string()));
  throw StartError(
      fmt::format("cannot start soakline-guard: {}; it must lie beside soakline", std::strerror(error)));
}

}  // namespace

std::filesystem::path program_directory() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

Process::Process(EventLoop& loop, const Command& command, std::function<void(std::string_view)> on_output,
                 Input input) {
  if (command.arguments.empty()) throw StartError("the command is empty");
  const Pipe control = socket_pair();
  const Pipe output = output_pipe();
  const Pipe lines = input == Input::lines ? socket_pair() : Pipe();
  control_ = control.ours;
  input_ = lines.ours;
  try {
    guard_ = spawn_guard(command, control.theirs, output.theirs, lines.theirs);
  } catch (...) {
    for (const int fd : {control.ours, control.theirs, output.ours, output.theirs, lines.ours, lines.theirs})
      if (fd >= 0) close(fd);
    throw;
  }
  close(control.theirs);
  close(output.theirs);
  if (lines.theirs >= 0) close(lines.theirs);
  loop.read(output.ours, std::move(on_output));
  while (pid_ == 0 && failed_ == 0 && receive(true)) {
  }
  if (pid_ != 0) return;
  end();
  throw StartError(fmt::format("cannot start '{}': {}", command.arguments[0],
                               failed_ == ENOENT ? "no such program; check the path or install it"
                               : failed_ != 0    ? std::strerror(failed_)
                                                 : "its guard died"));
}

Process::~Process() {
  end();
}

bool Process::receive(bool wait) {
  char bytes[256];
  const ssize_t size = recv(control_, bytes, sizeof bytes, wait ? 0 : MSG_DONTWAIT);
  if (size > 0) messages_.add({bytes, static_cast<std::size_t>(size)});
  return size > 0 || (size < 0 && errno == EINTR);
}

void Process::on_message(std::string_view line) {
  const auto space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  const int value = std::atoi(std::string(line.substr(space + 1)).c_str());
  if (word == "pid") pid_ = value;
  if (word == "failed") failed_ = value;
  if (word == "exit") status_ = value;
}

bool Process::running() {
  while (!status_ && control_ >= 0 && receive(false)) {
  }
  return !status_ && control_ >= 0;
}

std::string Process::ending() const {
  if (!status_) return control_ >= 0 ? "no exit code (it runs, or its guard was killed)" : "its guard";
  if (WIFSIGNALED(*status_))
    return fmt::format("signal {} ({})", WTERMSIG(*status_), strsignal(WTERMSIG(*status_)));
  return fmt::format("exit code {}", WEXITSTATUS(*status_));
}

bool Process::write_line(std::string line) const {
  line += '\n';
  const ssize_t size =
      input_ < 0 ? -1 : ::send(input_, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return size == static_cast<ssize_t>(line.size());
}

void Process::send(int signal) {
  const auto byte = static_cast<unsigned char>(signal);
  if (control_ >= 0 && ::send(control_, &byte, 1, MSG_NOSIGNAL) != 1) end();
}

void Process::send_to_tree(int signal) const {
  if (control_ < 0) return;
  ProcessTree tree(guard_, false);
  tree.refresh();
  // Whoever is born meanwhile is found when looked for again.
  do {
    for (const int pid : tree.members()) kill(pid, signal);
  } while (tree.search_anew());
}

void Process::stop(EventLoop& loop, int signal, double grace_s) {
  if (control_ < 0) return;
  send(signal);
  if (control_ >= 0) {
    const auto grace =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(grace_s));
    loop.wait_for([this] { return !running(); }, std::chrono::steady_clock::now() + grace);
  }
  end();
}

// Closing our end tells the guard to kill what is left; it is gone only when the tree is.
void Process::end() {
  for (int* const fd : {&control_, &input_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
  if (guard_ > 0)
    while (waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
    }
  guard_ = 0;
}

}  // namespace soakline
