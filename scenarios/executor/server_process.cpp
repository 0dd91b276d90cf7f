#include "scenarios/executor/server_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "scenarios/executor/test_support.hpp"

namespace executor {
namespace {

std::string path_of(const std::string& program) {
  const char* folder = std::getenv("SOAKLINE_BIN");
  if (!folder)
    throw std::runtime_error("set SOAKLINE_BIN to the folder of the binaries, or run this with ctest");
  return std::string(folder) + "/" + program;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t count = 0; (count = read(descriptor, piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(count));
  return text;
}

}  // namespace

ServerProcess::ServerProcess(std::vector<std::string> arguments, std::size_t address_space,
                             const std::string& program) {
  arguments.insert(arguments.begin(), path_of(program));
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // not left behind by a test that is killed
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    const rlimit limit{address_space, address_space};
    if (address_space > 0) setrlimit(RLIMIT_AS, &limit);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  output_ = out[0];
  errors_ = err[0];
}

ServerProcess::~ServerProcess() {
  if (!ended_ && pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_);
  close(errors_);
}

std::uint16_t ServerProcess::read_port() {
  std::string line;
  for (char byte = 0; read(output_, &byte, 1) == 1 && byte != '\n';) line += byte;
  const std::string start = "listening on 127.0.0.1:";
  if (line.rfind(start, 0) != 0) return 0;
  return static_cast<std::uint16_t>(std::stoi(line.substr(start.size())));
}

void ServerProcess::send_signal(int signal) const {
  kill(pid_, signal);
}

int ServerProcess::wait() {
  int status = 0;
  ended_ = wait_until([&] { return waitpid(pid_, &status, WNOHANG) == pid_; });
  if (!ended_) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ServerProcess::output() {
  return read_all(output_);
}
std::string ServerProcess::errors() {
  return read_all(errors_);
}

}  // namespace executor
