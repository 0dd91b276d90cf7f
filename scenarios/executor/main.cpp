// The frame server as a program: starts, serves until a signal, stops gracefully.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "scenarios/executor/dedicated_task_scheduler.hpp"
#include "scenarios/executor/elastic_thread_pool.hpp"
#include "scenarios/executor/frame_server.hpp"
#include "scenarios/executor/long_running_task_scheduler.hpp"
#include "scenarios/executor/options.hpp"
#include "scenarios/executor/pool_task_scheduler.hpp"

namespace {

using namespace executor;
using namespace std::chrono_literals;

constexpr int exit_usage = 2;
constexpr int exit_out_of_threads = 3;
constexpr auto quiet_period = 100ms;
constexpr auto shutdown_timeout = 800ms;
constexpr auto patience = 1s;

// Ends the process as it is: parked threads cannot be joined, and here there may be no thread left to tell.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

[[noreturn]] void leave_out_of_threads(const ThreadsExhausted& error) {
  std::fprintf(stderr, "executor: out of threads: %s\n", error.what());
  leave(exit_out_of_threads);
}

SchedulerFactory make_scheduler(const Options& options, ThreadSource& threads,
                                std::optional<ElasticThreadPool>& pool) {
  if (options.scheduler == SchedulerKind::pool) pool.emplace(threads, options.inject_interval);
  return [kind = options.scheduler, &threads, &pool](Executor& executor) -> std::unique_ptr<TaskScheduler> {
    if (kind == SchedulerKind::pool) return std::make_unique<PoolTaskScheduler>(executor, *pool);
    if (kind == SchedulerKind::long_running)
      return std::make_unique<LongRunningTaskScheduler>(executor, threads);
    return std::make_unique<DedicatedTaskScheduler>(executor, 1, threads);
  };
}

std::shared_ptr<FrameServer> listen(EventExecutorGroup& group, const Options& options,
                                    ServerCounters& counters) {
  try {
    return std::make_shared<FrameServer>(group, options.port, options.max_frame, counters);
  } catch (const boost::system::system_error& error) {
    const auto port = std::to_string(options.port);
    if (error.code() == boost::asio::error::address_in_use)
      throw UsageError("--listen: port " + port +
                       " on 127.0.0.1 is in use; choose another, or 0 for any free one");
    throw UsageError("--listen: cannot listen on 127.0.0.1:" + port + ": " + error.code().message() +
                     "; choose another port, or 0 for any free one");
  }
}

int serve(const Options& options) {
  boost::asio::io_context signals_loop;
  boost::asio::signal_set signals(signals_loop, SIGTERM, SIGINT);
  signals.async_wait([](auto, auto) {});

  ServerCounters counters;
  ThreadSource threads(options.max_threads, leave_out_of_threads);
  std::optional<ElasticThreadPool> pool;
  EventExecutorGroup group(options.executors, make_scheduler(options, threads, pool));
  const auto server = listen(group, options, counters);
  server->start();
  group.start_heartbeat(options.heartbeat);
  std::printf("listening on 127.0.0.1:%u\n", unsigned{server->port()});
  std::fflush(stdout);

  signals_loop.run();

  const auto threads_at_the_end = threads.threads();
  server->stop();
  group.shutdown_gracefully(quiet_period, shutdown_timeout);
  // An executor whose turn waits for a worker of the pool may not end in time.
  const bool ended = group.await_termination(patience);
  std::printf("stopped after %llu frames, %llu connections, %llu heartbeats, with %zu scheduler threads\n",
              static_cast<unsigned long long>(counters.frames),
              static_cast<unsigned long long>(counters.connections),
              static_cast<unsigned long long>(group.heartbeats()), threads_at_the_end);
  if (!ended || options.scheduler != SchedulerKind::dedicated) leave(EXIT_SUCCESS);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto options = parse_options(argc, argv);
    return options ? serve(*options) : EXIT_SUCCESS;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "executor: %s\n", error.what());
    return exit_usage;
  } catch (const ThreadsExhausted&) {
    return exit_out_of_threads;  // has been told already
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "executor: out of threads: the system refused one to start with: %s\n",
                 error.code().message().c_str());
    return exit_out_of_threads;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "executor: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
