#include "scenarios/redis_subscription/endpoint.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <charconv>
#include <stdexcept>

namespace redis_subscription {
namespace {

constexpr std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument(fmt::format(
      "'{}' is no redis address: {}; write unix:PATH, HOST:PORT or redis://HOST:PORT", text, why));
}

Endpoint parse_socket_path(std::string_view text, std::string_view path) {
  if (path.empty()) refuse(text, "the socket's path is missing");
  if (path.size() > longest_socket_path) {
    refuse(text, fmt::format("a socket's path has at most {} bytes", longest_socket_path));
  }
  return {.socket_path = std::string(path), .host = {}, .port = 0};
}

}  // namespace

std::string Endpoint::text() const {
  if (is_unix()) return "unix:" + socket_path;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Endpoint parse_endpoint(std::string_view text) {
  std::string_view rest = text;
  if (take_prefix(rest, "unix:")) return parse_socket_path(text, rest);
  if (take_prefix(rest, "redis://")) {
    if (rest.find('@') != std::string_view::npos) refuse(text, "a user or password is not supported");
    if (rest.ends_with('/')) rest.remove_suffix(1);
  }

  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "the port is missing");
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) refuse(text, "the host is missing");

  const std::string_view digits = rest.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
    refuse(text, "the port is no number from 1 to 65535");
  }
  return {.socket_path = {}, .host = std::string(host), .port = port};
}

}  // namespace redis_subscription
