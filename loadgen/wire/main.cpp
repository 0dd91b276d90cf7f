// soakline-wire --listen ADDRESS --to ADDRESS [--messages redis|frames] [--seed N]: a proxy for faults.
#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "loadgen/line_output.hpp"
#include "loadgen/wire/wire_proxy.hpp"

namespace {

// Port 0 is one that the system chooses, which is nothing to connect to.
soakline::Address listening_address(const std::string& text) {
  const std::string_view free_port = ":0";
  if (!text.ends_with(free_port)) return soakline::parse_address(text);
  return {text, {}, text.substr(0, text.size() - free_port.size()), "0"};
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Forwards connections; faults come as JSON lines on standard input, which ends it",
               "soakline-wire");
  std::string listen, to, messages;
  soakline::WirePlan plan;
  app.add_option("--listen", listen, "unix:PATH or 127.0.0.1:PORT, where 0 is any free port")->required();
  app.add_option("--to", to, "the server: unix:PATH, HOST:PORT or redis://HOST:PORT")->required();
  app.add_option("--messages", messages,
                 "what messages are: redis or frames; for lose, duplicate and corrupt")
      ->check(CLI::IsMember({"redis", "frames"}));
  app.add_option("--seed", plan.seed, "decides which messages are edited (7)");
  try {
    app.parse(argc, argv);
    plan.listen = listening_address(listen);
    plan.to = soakline::parse_address(to);
    if (!messages.empty())
      plan.messages = messages == "redis" ? soakline::LoadKind::redis : soakline::LoadKind::frames;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "soakline-wire: {}\n", error.what());
    return 2;
  }
  try {
    soakline::run_wire(plan, [](std::string line) { soakline::write_line(std::move(line)); });
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "soakline-wire: {}\n", error.what());
    return 4;
  }
}
