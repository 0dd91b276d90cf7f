// Where a redis-server listens, read from and written as a connection string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace redis_subscription {

struct Endpoint {
  std::string socket_path;  // set for a unix socket, host and port otherwise
  std::string host;
  std::uint16_t port = 0;

  bool is_unix() const { return !socket_path.empty(); }
  std::string text() const;
  bool operator==(const Endpoint&) const = default;
};

// Reads unix:PATH, HOST:PORT or redis://HOST:PORT ([HOST] for IPv6). Throws std::invalid_argument, naming the
// text and the accepted forms.
Endpoint parse_endpoint(std::string_view text);

}  // namespace redis_subscription
