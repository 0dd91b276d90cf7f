// A private redis-server on a unix socket, and on what else its arguments say.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/testing/child_process.hpp"
#include "loadgen/testing/wait_until.hpp"

namespace soakline {

class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }

  std::string address() const { return "unix:" + socket(); }
  std::string socket() const { return (folder_.path / "s").string(); }
  void send(int signal) const { process_->send(signal); }
  void kill_it() { process_.reset(); }
  void start() {
    std::vector<std::string> words = {"redis-server",
                                      "--port",
                                      "0",
                                      "--unixsocket",
                                      socket(),
                                      "--save",
                                      "",
                                      "--dir",
                                      folder_.path.string(),
                                      "--logfile",
                                      (folder_.path / "log").string()};
    words.insert(words.end(), more_.begin(), more_.end());
    process_ = std::make_unique<ChildProcess>(words);
    if (!wait_until([this] { return accepts(); })) throw std::runtime_error("redis-server does not start");
  }

 private:
  bool accepts() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().copy(address.sun_path, sizeof address.sun_path - 1);
    const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(file);
    return connected;
  }

  TemporaryFolder folder_;
  std::vector<std::string> more_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace soakline
