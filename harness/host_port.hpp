// "HOST:PORT" in its two parts.
#pragma once

#include <string>

namespace soakline {

struct HostPort {
  std::string host, port;
};

// A number alone is a port of 127.0.0.1, a name alone a host with the default port.
inline HostPort host_port(const std::string& address, const std::string& default_port) {
  const auto colon = address.rfind(':');
  if (colon != std::string::npos) return {address.substr(0, colon), address.substr(colon + 1)};
  const bool only_port = !address.empty() && address.find_first_not_of("0123456789") == std::string::npos;
  return only_port ? HostPort{"127.0.0.1", address} : HostPort{address, default_port};
}

}  // namespace soakline
