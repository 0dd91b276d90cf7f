// The subscriber service: what leaked is how often it registers its event handlers.
#include <fmt/format.h>
#include <signal.h>

#include <cstdio>

#include <CLI/CLI.hpp>

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/handlers.hpp"
#include "scenarios/redis_subscription/redis_instance.hpp"
#include "scenarios/redis_subscription/subscriber.hpp"

using namespace redis_subscription;

namespace {

constexpr int usage_error = 2;

struct Options {
  RedisSettings redis;
  std::string handlers = "once";
  std::string channel = "orders";
};

void describe(CLI::App& app, Options& options) {
  app.add_option("--redis", options.redis.connection_string, "unix:PATH, HOST:PORT or redis://HOST:PORT")
      ->required();
  app.add_option("--handlers", options.handlers,
                 "register the event handlers once, where the instance is created, or per-access: the leak")
      ->check(CLI::IsMember({"once", "per-access"}))
      ->capture_default_str();
  app.add_option("--channel", options.channel, "channel of the orders; CHANNEL.ack acknowledges them")
      ->capture_default_str();
  app.add_option("--announce-channel", options.redis.announce_channel,
                 "channel that announces a changed configuration")
      ->capture_default_str();
}

// Blocked before the first thread starts, so that only the wait in serve() sees them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void print_summary(const Subscriber& subscriber) {
  const HandlerCalls calls = handler_calls();
  fmt::print(
      "handled {} orders, {} failed; handlers called: failed {}, restored {}, error {}, configuration {}, "
      "slot {}, internal {}\n",
      subscriber.handled(), subscriber.failed(), calls.connection_failed, calls.connection_restored,
      calls.error_message, calls.configuration_changed, calls.hash_slot_moved, calls.internal_error);
}

void serve(const Options& options) {
  const sigset_t signals = block_stop_signals();
  configure_redis(options.redis);
  ConnectionMultiplexer& redis = redis_instance();

  static Subscriber subscriber;
  redis.subscribe(options.channel, [](const std::string& channel, const std::string& order) {
    subscriber.on_message(channel, order);
  });
  fmt::print("subscribed to {}\n", options.channel);
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  redis.close();
  print_summary(subscriber);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "A subscriber service on redis, with the event handlers of its client registered once or per access."};
  Options options;
  options.redis.announce_channel = "__config";
  describe(app, options);
  try {
    app.parse(argc, argv);
    options.redis.registration = options.handlers == "once" ? Registration::once : Registration::per_access;
    if (options.channel == options.redis.announce_channel) {
      throw CLI::ValidationError("--announce-channel", "must differ from --channel; name another one");
    }
    serve(options);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  } catch (const RedisError& error) {
    fmt::print(stderr, "redis_subscription: {}; start a redis-server there or name another with --redis\n",
               error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "redis_subscription: --redis: {}\n", error.what());
  }
  return usage_error;
}
