#include "harness/services.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

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
        start_redis(loop, service, folder, values);
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
                           Placeholders& values) {
  const std::string socket = (sockets_ / (service.name + ".sock")).string();
  auto log = std::make_shared<LogFile>(folder / (service.name + ".log"));
  Command command;
  command.arguments = {
      "redis-server", "--port", "0",     "--unixsocket",   socket, "--unixsocketperm", "700", "--save", "",
      "--appendonly", "no",     "--dir", sockets_.string()};
  try {
    auto process =
        std::make_unique<Process>(loop, command, [log](std::string_view bytes) { log->write(bytes); });
    const std::string address = "unix:" + socket;
    const bool answers = loop.wait_for([&] { return redis_answers(address) || !process->running(); },
                                       std::chrono::steady_clock::now() + std::chrono::seconds(10));
    if (!answers || !process->running())
      throw RunError(
          fmt::format("service {}: redis-server {}; its last line: {}", service.name,
                      process->running() ? "did not answer within 10s" : "ended with " + process->ending(),
                      log->last_line()));
    values[service.name] = address;
    running_.push_back({service.name, std::move(log), std::move(process)});
  } catch (const StartError& error) {
    throw RunError(
        fmt::format("service {}: {} (Debian: apt-get install redis-server)", service.name, error.what()));
  }
}

void Services::start_command(EventLoop& loop, const Service& service, const std::filesystem::path& folder,
                             Placeholders& values, const std::function<bool()>& stop) {
  auto log = std::make_shared<LogFile>(folder / (service.name + ".log"));
  Placeholders own = values;
  own["port"] = std::to_string(free_port());
  const LogProbe probe(service.ready, *log);
  Readiness ready = service.ready;
  for (auto* text : {&ready.tcp, &ready.http, &ready.file})
    if (*text) *text = fill(**text, own);
  try {
    auto process = std::make_unique<Process>(loop, fill(service.command, own),
                                             [log](std::string_view bytes) { log->write(bytes); });
    wait_until_ready(loop, ready, *process, *log, probe, "service " + service.name, "", stop);
    values[service.name] = "127.0.0.1:" + probe.announced().value_or(own["port"]);
    running_.push_back({service.name, std::move(log), std::move(process)});
  } catch (const StartError& error) {
    throw RunError(fmt::format("service {}: {}", service.name, error.what()));
  }
}

std::string Services::ended() {
  for (Running& service : running_)
    if (!service.process->running())
      return fmt::format("service {} ended with {}; its last line: {}", service.name,
                         service.process->ending(), service.log->last_line());
  return "";
}

void Services::stop(EventLoop& loop) {
  for (auto service = running_.rbegin(); service != running_.rend(); ++service)
    service->process->stop(loop, SIGTERM, 1);
}

}  // namespace soakline
