// What a target needs while it is soaked, started privately: a redis-server, an address, or any command.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "harness/placeholders.hpp"
#include "harness/readiness.hpp"

namespace soakline {

class Services {
 public:
  // Starts all and waits for each; RunError names the one that cannot start. Adds {NAME} for each to
  // `values`.
  Services(EventLoop& loop, const Scenario& scenario, const std::filesystem::path& folder,
           Placeholders& values, const std::function<bool()>& stop);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // The name and ending of one that has ended, "" while all run.
  std::string ended();
  void stop(EventLoop& loop);

 private:
  struct Running {
    std::string name;
    std::shared_ptr<LogFile> log;
    std::unique_ptr<Process> process;
  };
  void start_redis(EventLoop& loop, const Service& service, const std::filesystem::path& folder,
                   Placeholders& values);
  void start_command(EventLoop& loop, const Service& service, const std::filesystem::path& folder,
                     Placeholders& values, const std::function<bool()>& stop);

  std::filesystem::path sockets_;  // a short path: a socket's may have 108 bytes
  std::vector<Running> running_;
};

}  // namespace soakline
