// A private redis-server on a unix socket.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "loadgen/testing/child_process.hpp"
#include "loadgen/testing/unix_listener.hpp"
#include "loadgen/testing/wait_until.hpp"

namespace soakline {

class RedisServer {
 public:
  RedisServer() { start(); }

  std::string address() const { return "unix:" + socket(); }
  void send(int signal) const { process_->send(signal); }
  void kill_it() { process_.reset(); }
  void start() {
    process_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        "redis-server", "--port", "0", "--unixsocket", socket(), "--save", "", "--dir", folder_.path.string(),
        "--logfile", (folder_.path / "log").string()});
    if (!wait_until([this] { return accepts_at(socket()); }))
      throw std::runtime_error("redis-server does not start");
  }

 private:
  std::string socket() const { return (folder_.path / "s").string(); }

  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace soakline
