#include "scenarios/frame_service/upstream_session.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace frame_service {
namespace {

using boost::system::error_code;

constexpr std::string_view lost_answer = "error: the upstream is lost";

}  // namespace

UpstreamSession::UpstreamSession(ClientGroup::Loop& loop, OnLost on_lost)
    : loop_(loop), socket_(loop.executor.io()), on_lost_(std::move(on_lost)) {}

void UpstreamSession::connect(const boost::asio::ip::tcp::endpoint& upstream) {
  // The first task starts the executor.
  loop_.executor.execute([self = shared_from_this(), upstream] {
    self->socket_.async_connect(upstream, [self](const error_code& error) {
      if (error) return self->lose();
      self->is_connected_ = true;
      error_code ignored;
      self->socket_.non_blocking(true, ignored);
      if (!self->waiting_.empty()) self->send();
      self->read();
    });
  });
}

void UpstreamSession::ask(std::string_view payload, Answer answer) {
  std::string frame;
  executor::append_frame(frame, payload);
  boost::asio::post(loop_.executor.io(),
                    [self = shared_from_this(), frame = std::move(frame), answer = std::move(answer)] {
                      if (self->is_lost_) return answer(lost_answer);
                      self->asked_.push_back(answer);
                      self->waiting_ += frame;
                      if (self->is_connected_ && self->sending_.empty()) self->send();
                    });
}

void UpstreamSession::close() {
  boost::asio::post(loop_.executor.io(), [self = shared_from_this()] {
    self->on_lost_ = {};
    self->asked_.clear();
    self->lose();
  });
}

// All sessions of a loop read into its buffer: what came is taken before the next handler runs.
void UpstreamSession::read() {
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](const error_code& failed) {
                       error_code error = failed;
                       const std::size_t bytes =
                           error ? 0 : self->socket_.read_some(boost::asio::buffer(self->loop_.in), error);
                       if (error == boost::asio::error::would_block) return self->read();
                       if (error) return self->lose();
                       self->take_answers(bytes);
                       self->read();
                     });
}

void UpstreamSession::take_answers(std::size_t bytes_read) {
  decoder_.append({loop_.in.data(), bytes_read});
  while (const auto payload = decoder_.next()) {
    if (asked_.empty()) return;
    const Answer answer = std::move(asked_.front());
    asked_.pop_front();
    answer(*payload);
  }
}

void UpstreamSession::send() {
  sending_.swap(waiting_);
  boost::asio::async_write(socket_, boost::asio::buffer(sending_),
                           [self = shared_from_this()](const error_code& error, std::size_t) {
                             self->sending_.clear();
                             if (error) return self->lose();
                             if (!self->waiting_.empty()) self->send();
                           });
}

void UpstreamSession::lose() {
  if (std::exchange(is_lost_, true)) return;
  error_code ignored;
  socket_.close(ignored);
  for (const auto& answer : std::exchange(asked_, {})) answer(lost_answer);
  if (const auto on_lost = std::exchange(on_lost_, {})) on_lost();
}

}  // namespace frame_service
