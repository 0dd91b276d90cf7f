// A frame server whose works can leak as public reports say, or not, by a flag.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "scenarios/frame_service/buffer_pool.hpp"
#include "scenarios/frame_service/client_groups.hpp"
#include "scenarios/frame_service/echo_tasks.hpp"
#include "scenarios/frame_service/frame_listener.hpp"
#include "scenarios/frame_service/gateway.hpp"
#include "scenarios/frame_service/options.hpp"

namespace {

using namespace frame_service;

constexpr int usage_error = 2;

std::unique_ptr<FrameListener> listen(boost::asio::io_context& io, std::uint16_t port,
                                      FrameListener::MakeHandler make_handler) {
  try {
    return std::make_unique<FrameListener>(io, port, std::move(make_handler));
  } catch (const boost::system::system_error& error) {
    throw UsageError("--listen: cannot listen on 127.0.0.1:" + std::to_string(port) + ": " +
                     error.code().message() + "; choose another port, or 0 for any free one");
  }
}

// Until a signal.
void serve(boost::asio::io_context& io, std::uint16_t port, FrameListener::MakeHandler make_handler) {
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  const auto listener = listen(io, port, std::move(make_handler));
  listener->start();
  std::printf("listening on 127.0.0.1:%u\n", unsigned{listener->port()});
  std::fflush(stdout);
  io.run();
}

void pass_frames_on(const Options& options) {
  ClientGroups groups(
      options.variant == Variant::fixed ? ClientGroups::Sharing::all : ClientGroups::Sharing::none,
      options.loops);
  boost::asio::io_context io{1};
  serve(io, options.port, [&] { return pass_on(io, options.upstream, groups); });
  groups.end();  // their threads call the loop that goes first
}

void echo_frames(const Options& options) {
  BufferPool buffers(options.variant == Variant::fixed ? BufferPool::Foreign::to_the_arena
                                                       : BufferPool::Foreign::to_the_cache);
  EchoTasks tasks(buffers, options.threads);
  boost::asio::io_context io{1};
  serve(io, options.port, [&] { return tasks.handler(); });
  tasks.end();  // they answer on the loop that goes first
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto options = parse_options(argc, argv);
    if (!options) return EXIT_SUCCESS;
    options->work == Work::pass_on ? pass_frames_on(*options) : echo_frames(*options);
    return EXIT_SUCCESS;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "frame_service: %s\n", error.what());
    return usage_error;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "frame_service: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
