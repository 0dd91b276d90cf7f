#include "harness/services.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "harness/redis_client.hpp"

namespace soakline {
namespace {

std::filesystem::path make_short_directory() {
  std::string path = "/tmp/soakline-XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    throw RunError(fmt::format("no temporary folder for sockets: {}", std::strerror(errno)));
  return path;
}

}  // namespace

Services::Services(EventLoop& loop, const Scenario& scenario, const std::filesystem::path& folder,
                   Placeholders& values, const std::function<bool()>& stop)
    : sockets_(make_short_directory()) {
  try {
    for (const Service& service : scenario.services) {
      if (service.kind == Service::Kind::private_redis) {
        start_redis(loop, service, folder, values, stop);
      } else if (service.kind == Service::Kind::command) {
        start_command(loop, service, folder, values, stop);
      } else {
        values[service.name] = service.url;
        if (!redis_answers(service.url))
          throw RunError(fmt::format("service {}: no redis answers at {}; start it or mend [services.{}] url",
                                     service.name, service.url, service.name));
      }
    }
  } catch (...) {
    std::error_code ignored;
    running_.clear();
    std::filesystem::remove_all(sockets_, ignored);
    throw;
  }
}

Services::~Services() {
  running_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(sockets_, ignored);
}

void Services::start_redis(EventLoop& loop, const Service& service, const std::filesystem::path& folder,
                           Placeholders& values, const std::function<bool()>& stop) {
  const std::string socket = (sockets_ / (service.name + ".sock")).string();
  Command command;
  command.arguments = {
      "redis-server", "--port", "0",     "--unixsocket",   socket, "--unixsocketperm", "700", "--save", "",
      "--appendonly", "no",     "--dir", sockets_.string()};
  Readiness ready;
  ready.redis = "unix:" + socket;
  ready.within_s = 10;
  running_.push_back(std::make_unique<RunningService>(loop, service.name, command, ready,
                                                      folder / (service.name + ".log"), stop));
  values[service.name] = *ready.redis;
}

void Services::start_command(EventLoop& loop, const Service& service, const std::filesystem::path& folder,
                             Placeholders& values, const std::function<bool()>& stop) {
  Placeholders own = values;
  own["port"] = std::to_string(free_port());
  Readiness ready = service.ready;
  for (auto* text : {&ready.tcp, &ready.http, &ready.file})
    if (*text) *text = fill(**text, own);
  running_.push_back(std::make_unique<RunningService>(loop, service.name, fill(service.command, own), ready,
                                                      folder / (service.name + ".log"), stop));
  values[service.name] = "127.0.0.1:" + running_.back()->announced_port().value_or(own["port"]);
}

std::string Services::ended() {
  for (const auto& service : running_)
    if (std::string how = service->ended(); !how.empty()) return how;
  return "";
}

RunningService* Services::find(const std::string& name) {
  for (const auto& service : running_)
    if (service->name() == name) return service.get();
  return nullptr;
}

void Services::stop() {
  for (auto service = running_.rbegin(); service != running_.rend(); ++service) (*service)->stop();
}

}  // namespace soakline
