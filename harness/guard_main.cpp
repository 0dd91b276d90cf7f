// soakline-guard FD COMMAND ARG...: runs a command, adopts every orphan of its tree, and kills the tree when
// FD closes.
//
// The harness holds the other end of FD. A kill -9 of the harness closes it, and this process, which is the
// subreaper of all that the command started, daemons with sessions of their own included, ends them. Over FD
// it says "pid N", "failed ERRNO" and "exit STATUS" (as from wait); a byte it receives is a signal number for
// the command.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

std::vector<pid_t> children() {
  std::vector<pid_t> pids;
  if (FILE* file = std::fopen("/proc/thread-self/children", "re")) {
    for (int pid = 0; std::fscanf(file, "%d", &pid) == 1;) pids.push_back(pid);
    std::fclose(file);
  }
  return pids;
}

// Each death hands its children to us, so that repeating it reaches the whole tree, whatever it forks
// meanwhile.
void kill_tree() {
  do {
    for (const pid_t pid : children()) kill(pid, SIGKILL);
  } while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR);
}

void say(int fd, const char* word, int value) {
  dprintf(fd, "%s %d\n", word, value);
}

// In the child: never returns. A failed exec is told over `failure`, which a successful one closes.
[[noreturn]] void become(char** command, int failure, const sigset_t& mask, pid_t guard) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != guard) _exit(127);
  std::signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  // For the command alone: this program may be built with a sanitizer, which must come first.
  if (const char* const libraries = std::getenv("SOAKLINE_PRELOAD")) {
    setenv("LD_PRELOAD", libraries, 1);
    unsetenv("SOAKLINE_PRELOAD");
  }
  execvp(command[0], command);
  const int error = errno;
  if (write(failure, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

pid_t start(char** command, int control, const sigset_t& mask) {
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) return -1;
  const pid_t guard = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(command, failure[1], mask, guard);
  close(failure[1]);
  int error = pid < 0 ? errno : 0;
  if (pid > 0 && read(failure[0], &error, sizeof error) != sizeof error) error = 0;
  close(failure[0]);
  if (error != 0) {
    say(control, "failed", error);
    return -1;
  }
  say(control, "pid", pid);
  return pid;
}

// Reaps what has died; tells the harness when it was the command itself.
void reap(pid_t& command, int control) {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == command) {
      say(control, "exit", status);
      command = 0;
    }
}

void pass_on(int signal, pid_t command) {
  if (command > 0)
    kill(command, signal);
  else
    for (const pid_t pid : children()) kill(pid, signal);  // it became a daemon: those who are left
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: soakline-guard FD COMMAND ARG...   (started by soakline, not by hand)\n");
    return 2;
  }
  const int control = std::atoi(argv[1]);
  if (fcntl(control, F_SETFD, FD_CLOEXEC) != 0) return 2;
  // What the harness's own starter left open is not the target's.
  close_range(static_cast<unsigned>(control) + 1, ~0U, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  setsid();  // a Ctrl-C in the terminal is for the harness, which stops us in its own time
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t handled, before;
  sigemptyset(&handled);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, signal);
  sigprocmask(SIG_BLOCK, &handled, &before);
  const int signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);

  pid_t command = start(argv + 2, control, before);
  bool ending = command < 0;
  while (!ending) {
    pollfd ready[] = {{control, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) break;
    unsigned char wanted = 0;
    if (ready[0].revents != 0) {
      if (read(control, &wanted, 1) == 1)
        pass_on(wanted, command);
      else
        ending = true;
    }
    signalfd_siginfo info{};
    while (read(signals, &info, sizeof info) == sizeof info)
      if (info.ssi_signo != SIGCHLD) ending = true;
    reap(command, control);
  }
  kill_tree();
  return 0;
}
