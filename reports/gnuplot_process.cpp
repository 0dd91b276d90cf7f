#include "reports/gnuplot_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>

#include "reports/escape.hpp"

namespace soakline {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File file_in_memory(const char* name) {
  const int descriptor = memfd_create(name, MFD_CLOEXEC);
  if (descriptor < 0) return nullptr;
  File file(fdopen(descriptor, "w+"));
  if (!file) close(descriptor);
  return file;
}

std::string contents(std::FILE* file) {
  std::string text;
  char buffer[16384];
  off_t at = 0;
  for (ssize_t got = 0; (got = pread(fileno(file), buffer, sizeof buffer, at)) > 0; at += got)
    text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

// The error number of starting it, or 0. It gets a process group of its own: Ctrl-C ends the soak, and the
// report of what was measured until then must still be drawn.
int start(const std::string& program, std::FILE* script, std::FILE* drawn, std::FILE* complaints,
          pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(drawn), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(complaints), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::string name = program, settings = "--default-settings";
  char* arguments[] = {name.data(), settings.data(), nullptr};
  const int error = posix_spawnp(&pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

GnuplotOutput run_gnuplot(const std::string& program, const std::function<void(std::FILE*)>& write) {
  const File script = file_in_memory("plot-script"), drawn = file_in_memory("plot"),
             complaints = file_in_memory("plot-errors");
  if (!script || !drawn || !complaints)
    return {"",
            fmt::format("no plot: cannot make a file in memory: {}", std::generic_category().message(errno))};
  const int writer = fcntl(fileno(script.get()), F_DUPFD_CLOEXEC, 0);
  std::FILE* stream = writer < 0 ? nullptr : fdopen(writer, "w");
  if (stream == nullptr) return {"", fmt::format("no plot: {}", std::generic_category().message(errno))};
  write(stream);
  lseek(fileno(script.get()), 0, SEEK_SET);

  pid_t pid = -1;
  if (const int error = start(program, script.get(), drawn.get(), complaints.get(), pid); error != 0)
    return {
        "",
        fmt::format(
            "no plot: cannot start {}: {}; install the package gnuplot-nox and run `soakline report` again",
            program, std::generic_category().message(error))};
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  GnuplotOutput output{contents(drawn.get()), ""};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    output.error = fmt::format("no plot: {} failed: {}", program, printable(contents(complaints.get()), 300));
  return output;
}

}  // namespace soakline
