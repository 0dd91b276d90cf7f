#include "loadgen/testing/byte_server.hpp"

#include <array>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

namespace soakline {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct Session : std::enable_shared_from_this<Session> {
  Session(tcp::socket&& accepted, const ByteServer::Answer& how) : socket(std::move(accepted)), answer(how) {}

  void read() {
    socket.async_read_some(asio::buffer(bytes),
                           [self = shared_from_this()](error_code error, std::size_t size) {
                             if (!error) self->reply(size);
                           });
  }

  void reply(std::size_t size) {
    auto said = answer({bytes.data(), size}, before);
    if (!said) return;
    before += size;
    saying = std::move(*said);
    asio::async_write(socket, asio::buffer(saying),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error) self->read();
                      });
  }

  tcp::socket socket;
  const ByteServer::Answer& answer;
  std::array<char, 4096> bytes{};
  std::uint64_t before = 0;
  std::string saying;
};

}  // namespace

struct ByteServer::Running {
  explicit Running(Answer how) : answer(std::move(how)) {
    accept();
    thread = std::thread([this] { io.run(); });
  }
  ~Running() {
    io.stop();
    thread.join();
  }
  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Session>(std::move(socket), answer)->read();
      accept();
    });
  }

  Answer answer;
  asio::io_context io{1};
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread;
};

ByteServer::ByteServer(Answer answer) : running_(std::make_unique<Running>(std::move(answer))) {}
ByteServer::~ByteServer() = default;

std::string ByteServer::address() const {
  return "127.0.0.1:" + std::to_string(running_->acceptor.local_endpoint().port());
}

}  // namespace soakline
