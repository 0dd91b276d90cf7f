// The echo server as a process of its own, on a port that it keeps when it is started again.
#pragma once

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "loadgen/testing/child_process.hpp"

namespace soakline {

class EchoServer {
 public:
  EchoServer() { start(); }

  std::string address() const { return address_; }
  void send(int signal) const { process_->send(signal); }
  void kill_it() { process_.reset(); }
  void start() {
    const char* bin = std::getenv("SOAKLINE_BIN");
    const std::string port = address_.empty() ? "0" : address_.substr(address_.find(':') + 1);
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{std::string(bin ? bin : ".") + "/echo_server", port});
    const auto said = process_->read_line();
    if (!said) throw std::runtime_error("echo_server does not start: " + process_->wait().errors);
    address_ = *said;
  }

 private:
  std::string address_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace soakline
