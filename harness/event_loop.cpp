#include "harness/event_loop.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace soakline {
namespace {

constexpr std::size_t longest_line = 64 * 1024;

struct Reader : std::enable_shared_from_this<Reader> {
  Reader(boost::asio::io_context& io, int fd, std::function<void(std::string_view)> consumer)
      : stream(io, fd), on_bytes(std::move(consumer)) {}

  void next() {
    stream.async_read_some(
        boost::asio::buffer(buffer),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          self->on_bytes(std::string_view(self->buffer.data(), size));
          if (!error) self->next();
        });
  }

  boost::asio::posix::stream_descriptor stream;
  std::function<void(std::string_view)> on_bytes;
  std::array<char, 16 * 1024> buffer{};
};

}  // namespace

struct EventLoop::Loop {
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
};

EventLoop::EventLoop() : loop_(std::make_unique<Loop>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::read(int fd, std::function<void(std::string_view)> on_bytes) {
  std::make_shared<Reader>(loop_->io, fd, std::move(on_bytes))->next();
}

void EventLoop::run_until(std::chrono::steady_clock::time_point moment) {
  loop_->io.run_until(moment);
}

void EventLoop::drain() {
  // A child of the ended process may write on without end.
  const auto enough = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  while (loop_->io.poll_one() > 0 && std::chrono::steady_clock::now() < enough) {
  }
}

bool EventLoop::wait_for(const std::function<bool()>& done, std::chrono::steady_clock::time_point deadline) {
  // States of processes and ports announce themselves nowhere: they are looked at in short steps.
  constexpr auto step = std::chrono::milliseconds(5);
  while (!done()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return false;
    run_until(std::min(deadline, now + step));
  }
  return true;
}

void LineSplitter::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    partial_ += bytes.substr(0, end);
    // A line without an end must not fill our memory.
    if (end == std::string_view::npos && partial_.size() < longest_line) return;
    on_line_(partial_);
    partial_.clear();
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  }
}

}  // namespace soakline
