#include "scenarios/redis_client/works.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <atomic>
#include <cstdio>

#include <boost/asio/signal_set.hpp>

#include "scenarios/redis_client/backlog.hpp"
#include "scenarios/redis_client/bridge.hpp"
#include "scenarios/redis_client/handler_list.hpp"
#include "scenarios/redis_client/log_writer.hpp"
#include "scenarios/redis_client/order_desk.hpp"
#include "scenarios/redis_client/reading_client.hpp"
#include "scenarios/redis_subscription/connection_multiplexer.hpp"

namespace redis_client {
namespace {

using redis_subscription::ConnectionMultiplexer;

constexpr const char* orders = "orders";
constexpr const char* cancellations = "cancellations";
constexpr std::uint64_t log_keys = 1024;  // the log goes round, so that redis does not grow
constexpr std::size_t desk_threads = 8;

// Blocked before the first thread starts, so that only wait_for_signal() sees them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for_signal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

void say_ready(const char* what) {
  fmt::print("{}\n", what);
  std::fflush(stdout);
}

}  // namespace

void keep_connection(const Options& options) {
  boost::asio::io_context io;
  Bridge bridge(io, {.endpoint = options.redis,
                     .heartbeat = options.heartbeat,
                     .timeout = options.timeout,
                     .giving_up = options.variant == Variant::fixed ? GivingUp::closes : GivingUp::forgets});
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  bridge.start();
  say_ready("keeping a connection");
  io.run();
  fmt::print("made {} attempts to connect\n", bridge.attempts());
}

void log_orders(const Options& options) {
  const sigset_t signals = block_stop_signals();
  Backlog backlog(options.variant == Variant::fixed ? Backlog::Bound::oldest_fails : Backlog::Bound::none,
                  options.most);
  LogWriter writer(options.log, backlog);
  std::uint64_t logged = 0;
  ConnectionMultiplexer redis({.endpoint = options.redis, .timeouts = {}, .announce_channel = {}});
  redis.subscribe(orders, [&](const std::string&, const std::string& order) {
    backlog.push({.name = "SET", .key = fmt::format("log:{}", logged++ % log_keys), .value = order});
  });
  say_ready("logging orders");
  wait_for_signal(signals);
  redis.close();
  fmt::print("logged {} orders: {} written, {} kept, {} failed\n", logged, writer.written(), backlog.size(),
             backlog.failed());
}

void handle_orders(const Options& options) {
  const sigset_t signals = block_stop_signals();
  HandlerList handlers(options.variant == Variant::fixed ? HandlerList::Changes::one_by_one
                                                         : HandlerList::Changes::racing);
  std::atomic<std::uint64_t> heard{0};
  for (std::size_t i = 0; i < options.listeners; ++i) handlers.add([&](const std::string&) { ++heard; });
  OrderDesk desk(handlers, options.handling, desk_threads);
  ConnectionMultiplexer redis({.endpoint = options.redis, .timeouts = {}, .announce_channel = {}});
  redis.subscribe(cancellations,
                  [&](const std::string&, const std::string& message) { handlers.call(message); });
  redis.subscribe(orders, [&](const std::string&, const std::string& order) { desk.take(order); });
  say_ready("handling orders");
  wait_for_signal(signals);
  redis.close();
  fmt::print("handled {} orders, {} cancelled, heard of {} times; {} handlers are registered\n",
             desk.done() + desk.cancelled(), desk.cancelled(), heard, handlers.size());
}

void read_channel(const Options& options) {
  const sigset_t signals = block_stop_signals();
  const ReadingClient client(options.redis, orders,
                             options.variant == Variant::fixed ? LostReaders::ended : LostReaders::kept);
  say_ready("reading orders");
  wait_for_signal(signals);
  fmt::print("read {} orders on {} connections, with {} readers\n", client.messages(), client.connections(),
             client.readers());
}

}  // namespace redis_client
