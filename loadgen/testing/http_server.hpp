// A small HTTP server on a loopback port that says what a test wants, and ends connections as it wants.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace soakline {

class HttpServer {
 public:
  struct Request {
    std::string method, target, body;
    std::map<std::string, std::string> headers;
    int on_connection = 0;  // how many came on its connection before
  };
  struct Answer {
    std::string bytes;
    bool then_close = false;
  };

  // Answers are found in the server's own thread.
  explicit HttpServer(std::function<Answer(const Request&)> answer, std::uint16_t port = 0);
  ~HttpServer();
  std::uint16_t port() const;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

  // A whole answer of that status with a body.
  static std::string saying(const std::string& status, const std::string& body = "");

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace soakline
