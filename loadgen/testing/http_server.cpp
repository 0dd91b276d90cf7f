#include "loadgen/testing/http_server.hpp"

#include <fcntl.h>

#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace soakline {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Answering = std::function<HttpServer::Answer(const HttpServer::Request&)>;

struct Session : std::enable_shared_from_this<Session> {
  Session(tcp::socket s, const Answering& a) : socket(std::move(s)), answer(a) {}

  void read() {
    request = {};
    http::async_read(socket, buffer, request, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->reply();
    });
  }

  void reply() {
    HttpServer::Request asked{
        std::string(request.method_string()), std::string(request.target()), request.body(), {}, count++};
    for (const auto& field : request)
      asked.headers[std::string(field.name_string())] = std::string(field.value());
    saying = answer(asked);
    asio::async_write(socket, asio::buffer(saying.bytes),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error && !self->saying.then_close) self->read();
                      });
  }

  tcp::socket socket;
  const Answering& answer;
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  HttpServer::Answer saying;
  int count = 0;
};

}  // namespace

struct HttpServer::Running {
  Running(Answering how, std::uint16_t port)
      : answer(std::move(how)), acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), port)) {
    fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);  // no load that is started keeps it open
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

  Answering answer;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  std::thread thread;
};

HttpServer::HttpServer(Answering answer, std::uint16_t port)
    : running_(std::make_unique<Running>(std::move(answer), port)) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return running_->acceptor.local_endpoint().port();
}

std::string HttpServer::saying(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace soakline
