// Where the load goes: a unix socket or a host and port.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace soakline {

// The address as written cannot be used; what() says why and what to write instead.
struct AddressError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Address {
  std::string text;       // as it was written, for messages
  std::string unix_path;  // empty: TCP
  std::string host;
  std::string port;
};

// "unix:PATH" "HOST:PORT" "[::1]:7000" "redis://HOST[:PORT]" (port 6379 unless said).
Address parse_address(std::string_view text);

}  // namespace soakline
