#include "scenarios/frame_service/options.hpp"

#include <charconv>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/executor/duration.hpp"

namespace frame_service {
namespace {

constexpr const char* description =
    "A frame server (4 bytes of length, high first, then the payload) in two works, each of which can leak "
    "as a "
    "public report says (docs/leaks.md).";
constexpr const char* footer =
    "Durations: 8.6s, 17.2ms, 86us, or divided by a number, 8.6s/500.\n"
    "Exit codes: 0 stopped by SIGTERM or SIGINT, 2 usage or port in use.";

struct Texts {
  std::string variant = "fixed", upstream, pause = "1s";
};

boost::asio::ip::tcp::endpoint parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text.substr(0, colon), error);
  const std::string digits = colon == text.npos ? "" : text.substr(colon + 1);
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error || wrong != std::errc() || end != digits.data() + digits.size() || port == 0)
    throw UsageError("--upstream: '" + text + "' is no address and port; write it like 127.0.0.1:7000");
  return {address, port};
}

CLI::App* add_work(CLI::App& app, const std::string& name, const std::string& what, Texts& texts,
                   Options& options) {
  CLI::App* work = app.add_subcommand(name, what);
  work->add_option("--listen", options.port, "port on 127.0.0.1; 0 takes any free one and prints it")
      ->check(CLI::Range(0, 65'535))
      ->capture_default_str();
  work->add_option("--variant", texts.variant, "fixed or leaky")
      ->check(CLI::IsMember({"fixed", "leaky"}))
      ->capture_default_str();
  return work;
}

void describe(CLI::App& app, Texts& texts, Options& options) {
  app.footer(footer);
  app.require_subcommand(1);
  CLI::App* gateway = add_work(app, "gateway",
                               "passes frames on to another server; leaky: each connection to it "
                               "makes a group of event loops",
                               texts, options);
  gateway->add_option("--upstream", texts.upstream, "ADDRESS:PORT of the other server")->required();
  gateway->add_option("--pause", texts.pause, "before a lost connection is made again")
      ->capture_default_str();
  gateway->add_option("--loops", options.loops, "event loops of a group, 1 to 64")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  CLI::App* echo = add_work(app, "echo",
                            "sends frames back by tasks on other threads; leaky: their buffers stay with "
                            "those threads",
                            texts, options);
  echo->add_option("--threads", options.threads, "threads that run the tasks, 1 to 64")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  CLI::App app(description, "frame_service");
  Texts texts;
  Options options;
  describe(app, texts, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; see frame_service --help");
  }
  options.work = app.got_subcommand("gateway") ? Work::pass_on : Work::echo;
  options.variant = texts.variant == "leaky" ? Variant::leaky : Variant::fixed;
  if (options.work == Work::pass_on) options.upstream.address = parse_address(texts.upstream);
  try {
    options.upstream.pause = executor::parse_duration(texts.pause);
  } catch (const executor::DurationError& error) {
    throw UsageError(std::string("--pause: ") + error.what());
  }
  return options;
}

}  // namespace frame_service
