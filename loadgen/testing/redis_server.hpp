// A private redis-server on a unix socket, and on what else its arguments say.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/testing/child_process.hpp"
#include "loadgen/testing/unix_listener.hpp"
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
    if (!wait_until([this] { return accepts_at(socket()); }))
      throw std::runtime_error("redis-server does not start");
  }

 private:
  TemporaryFolder folder_;
  std::vector<std::string> more_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace soakline
