#include "scenarios/executor/frame_server.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

namespace executor {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// An accepted socket between two I/O loops, closed if it never arrives.
class Handle {
 public:
  explicit Handle(int descriptor) : descriptor_(descriptor) {}
  ~Handle() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  int take() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

}  // namespace

FrameServer::FrameServer(EventExecutorGroup& group, std::uint16_t port, std::uint32_t max_frame,
                         ServerCounters& counters)
    : group_(group),
      max_frame_(max_frame),
      counters_(counters),
      acceptor_(group.first().io(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), port)),
      pause_(group.first().io()),
      port_(acceptor_.local_endpoint().port()) {}

void FrameServer::start() {
  group_.first().execute([self = shared_from_this()] { self->accept(); });
}

void FrameServer::stop() {
  group_.first().execute([self = shared_from_this()] {
    error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

void FrameServer::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket accepted) {
    if (!self->acceptor_.is_open()) return;
    if (error) {
      std::fprintf(stderr, "executor: cannot accept a connection: %s\n", error.message().c_str());
      self->accept_later();
    } else {
      self->serve(std::move(accepted));
      self->accept();
    }
  });
}

void FrameServer::serve(tcp::socket accepted) {
  auto& executor = group_.next();
  const auto handle = std::make_shared<Handle>(accepted.release());
  try {
    executor.execute([handle, &executor, max_frame = max_frame_, &counters = counters_] {
      tcp::socket socket(executor.io(), tcp::v4(), handle->take());
      std::make_shared<FrameConnection>(std::move(socket), max_frame, counters)->start();
    });
  } catch (const RejectedExecution&) {
    // It is shutting down: the connection is closed with its handle.
  }
}

// Out of descriptors, most likely: trying again at once would spin.
void FrameServer::accept_later() {
  pause_.expires_after(std::chrono::milliseconds(100));
  pause_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->accept();
  });
}

}  // namespace executor
