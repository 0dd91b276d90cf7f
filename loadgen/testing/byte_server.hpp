// A small server on a loopback port that answers bytes as a test says: an echo, silence, or the end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace soakline {

class ByteServer {
 public:
  // The answer to bytes that came, given how many the connection sent before; nothing: it is closed.
  using Answer = std::function<std::optional<std::string>(std::string_view bytes, std::uint64_t before)>;

  // Answers are computed in the server's own thread.
  explicit ByteServer(Answer answer);
  ~ByteServer();
  std::string address() const;  // HOST:PORT

  static std::optional<std::string> echo(std::string_view bytes, std::uint64_t) { return std::string(bytes); }

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace soakline
