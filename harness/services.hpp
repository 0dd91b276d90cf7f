// What a target needs while it is soaked, started privately: a redis-server, an address, or any command.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "harness/placeholders.hpp"
#include "harness/running_service.hpp"

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

  // The name and ending of one that has ended, "" while all run, save those that a fault took away.
  std::string ended();
  // Null where there is none of that name, or only its url.
  RunningService* find(const std::string& name);
  void stop();
  // Where sockets lie: a short path, since a socket's may have 108 bytes.
  const std::filesystem::path& sockets() const { return sockets_; }

 private:
  void start_redis(EventLoop& loop, const Service& service, const std::filesystem::path& folder,
                   Placeholders& values, const std::function<bool()>& stop);
  void start_command(EventLoop& loop, const Service& service, const std::filesystem::path& folder,
                     Placeholders& values, const std::function<bool()>& stop);

  std::filesystem::path sockets_;
  std::vector<std::unique_ptr<RunningService>> running_;
};

}  // namespace soakline
