// A private MQTT server on a unix socket.
#pragma once

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "loadgen/testing/child_process.hpp"
#include "loadgen/testing/unix_listener.hpp"
#include "loadgen/testing/wait_until.hpp"

namespace soakline {

class MosquittoServer {
 public:
  enum class LetsIn { everybody, nobody };

  explicit MosquittoServer(LetsIn lets_in = LetsIn::everybody) {
    std::ofstream(configuration()) << "user root\nlog_dest none\nlistener 0 " << socket()
                                   << "\nallow_anonymous "
                                   << (lets_in == LetsIn::everybody ? "true" : "false") << "\n";
    start();
  }

  std::string address() const { return "unix:" + socket(); }
  void kill_it() {
    process_.reset();
    std::filesystem::remove(socket());
  }
  void start() {
    process_ = std::make_unique<ChildProcess>(std::vector<std::string>{"mosquitto", "-c", configuration()});
    if (!wait_until([this] { return accepts_at(socket()); }))
      throw std::runtime_error("mosquitto does not start");
  }

 private:
  std::string socket() const { return (folder_.path / "s").string(); }
  std::string configuration() const { return (folder_.path / "conf").string(); }

  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace soakline
