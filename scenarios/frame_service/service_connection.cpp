#include "scenarios/frame_service/service_connection.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace frame_service {

using boost::system::error_code;

void ServiceConnection::start() {
  error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  read();
}

void ServiceConnection::read() {
  socket_.async_read_some(boost::asio::buffer(in_),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            if (!error) self->take_frames(bytes);
                          });
}

void ServiceConnection::take_frames(std::size_t bytes_read) {
  decoder_.append({in_.data(), bytes_read});
  while (const auto payload = decoder_.next()) {
    handler_(*payload, [self = shared_from_this()](std::string_view answer) {
      std::string frame;
      executor::append_frame(frame, answer);
      boost::asio::post(self->socket_.get_executor(), [self, frame = std::move(frame)] {
        self->waiting_ += frame;
        if (self->sending_.empty()) self->send();
      });
    });
  }
  if (!decoder_.refused()) return read();
  socket_.close();  // a frame over the maximum: nothing after it can be read
}

void ServiceConnection::send() {
  sending_.swap(waiting_);
  boost::asio::async_write(socket_, boost::asio::buffer(sending_),
                           [self = shared_from_this()](const error_code& error, std::size_t) {
                             if (error) return;
                             self->sending_.clear();
                             if (!self->waiting_.empty()) self->send();
                           });
}

}  // namespace frame_service
