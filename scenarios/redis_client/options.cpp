#include "scenarios/redis_client/options.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

#include "scenarios/executor/duration.hpp"

namespace redis_client {
namespace {

constexpr const char* description =
    "A client of redis in four works, each of which can leak as a public report says (docs/leaks.md).";
constexpr const char* footer =
    "Durations: 8.6s, 17.2ms, 86us, or divided by a number, 8.6s/500.\n"
    "Exit codes: 0 stopped by SIGTERM or SIGINT, 2 usage, or redis cannot be reached at the start.";

struct Texts {
  std::string variant = "fixed", redis, log, heartbeat = "1s", timeout = "5s", handling = "10s";
};

CLI::App* add_work(CLI::App& app, const std::string& name, const std::string& what, Texts& texts) {
  CLI::App* work = app.add_subcommand(name, what);
  work->add_option("--redis", texts.redis, "unix:PATH, HOST:PORT or redis://HOST:PORT")->required();
  work->add_option("--variant", texts.variant, "fixed or leaky")
      ->check(CLI::IsMember({"fixed", "leaky"}))
      ->capture_default_str();
  return work;
}

void describe(CLI::App& app, Texts& texts, Options& options) {
  app.footer(footer);
  app.require_subcommand(1);
  CLI::App* connections = add_work(app, "connections",
                                   "keeps a connection up and gives up one that does not answer; "
                                   "leaky: without closing it",
                                   texts);
  connections->add_option("--heartbeat", texts.heartbeat, "it looks after the connection this often")
      ->capture_default_str();
  connections->add_option("--timeout", texts.timeout, "it waits this long for an answer")
      ->capture_default_str();
  CLI::App* backlog = add_work(app, "backlog",
                               "logs every order of a channel and waits for no answer; leaky: keeps "
                               "what it cannot send without a bound",
                               texts);
  backlog->add_option("--log", texts.log, "the redis it logs to, which need not be there")->required();
  backlog->add_option("--most", options.most, "what the fixed one keeps at most, in commands")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  CLI::App* unsubscribe = add_work(app, "unsubscribe",
                                   "handles orders that listen for their cancellation meanwhile; "
                                   "leaky: handlers that are removed at a time stay",
                                   texts);
  unsubscribe->add_option("--handling", texts.handling, "an order is under way for so long")
      ->capture_default_str();
  unsubscribe
      ->add_option("--listeners", options.listeners, "others that listen for cancellations, all the time")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  add_work(app, "readers", "reads a channel; leaky: a reader stays for every connection that was lost",
           texts);
}

Work work_of(const CLI::App& app) {
  if (app.got_subcommand("connections")) return Work::connections;
  if (app.got_subcommand("backlog")) return Work::backlog;
  return app.got_subcommand("unsubscribe") ? Work::unsubscribe : Work::readers;
}

// What `read` throws becomes a message that begins with the flag.
template <class Read>
auto read_flag(const std::string& flag, const std::string& text, Read read) {
  try {
    return read(text);
  } catch (const std::exception& error) {
    throw UsageError(flag + ": " + error.what());
  }
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  CLI::App app(description, "redis_client");
  Texts texts;
  Options options;
  describe(app, texts, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; see redis_client --help");
  }
  options.work = work_of(app);
  options.variant = texts.variant == "leaky" ? Variant::leaky : Variant::fixed;
  options.redis = read_flag("--redis", texts.redis, redis_subscription::parse_endpoint);
  if (options.work == Work::backlog) {
    options.log = read_flag("--log", texts.log, redis_subscription::parse_endpoint);
  }
  options.heartbeat = read_flag("--heartbeat", texts.heartbeat, executor::parse_duration);
  options.timeout = read_flag("--timeout", texts.timeout, executor::parse_duration);
  options.handling = read_flag("--handling", texts.handling, executor::parse_duration);
  return options;
}

}  // namespace redis_client
