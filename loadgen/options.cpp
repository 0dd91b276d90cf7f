#include "loadgen/options.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

#include "loadgen/devices/devices_options.hpp"
#include "loadgen/message_options.hpp"

namespace soakline {

std::optional<LoadOptions> parse_options(int argc, const char* const* argv) {
  CLI::App app("Sends a load to a server, on time or in a closed loop, and accounts for every message.",
               "soakline-load");
  app.require_subcommand(1);
  const MessageOptions redis(app, LoadKind::redis);
  const MessageOptions frames(app, LoadKind::frames);
  const MessageOptions http(app, LoadKind::http);
  const DevicesOptions devices(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    for (const CLI::App* kind : app.get_subcommands()) return std::cout << kind->help(), std::nullopt;
    return std::cout << app.help(), std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}; soakline-load KIND --help lists every flag", error.what()));
  }
  if (devices.chosen()) return LoadOptions{devices.plan(), devices.output()};
  const MessageOptions& chosen = redis.chosen() ? redis : http.chosen() ? http : frames;
  return LoadOptions{chosen.plan(), chosen.output()};
}

}  // namespace soakline
