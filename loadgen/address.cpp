#include "loadgen/address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace soakline {
namespace {

constexpr std::string_view redis_scheme = "redis://";
constexpr std::string_view unix_scheme = "unix:";
constexpr std::size_t longest_unix_path = 107;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw AddressError(fmt::format("'{}' {}; write unix:PATH, HOST:PORT or redis://HOST:PORT", text, why));
}

Address unix_address(std::string_view text) {
  const auto path = text.substr(unix_scheme.size());
  if (path.empty()) refuse(text, "names no path");
  if (path.size() > longest_unix_path)
    refuse(text,
           fmt::format("is longer than the {} bytes that a unix socket's path may have", longest_unix_path));
  return {std::string(text), std::string(path), {}, {}};
}

std::string_view without_redis_scheme(std::string_view text) {
  auto rest = text.substr(redis_scheme.size());
  if (rest.find('@') != std::string_view::npos)
    refuse(text, "names a user or password, which does not work yet");
  if (rest.ends_with("/0")) rest.remove_suffix(1);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('/') != std::string_view::npos) refuse(text, "names a database, which does not work yet");
  return rest;
}

}  // namespace

Address parse_address(std::string_view text) {
  if (text.starts_with(unix_scheme)) return unix_address(text);
  const bool redis = text.starts_with(redis_scheme);
  std::string_view rest = redis ? without_redis_scheme(text) : text;
  if (rest.find("://") != std::string_view::npos) refuse(text, "is a URL of another kind");

  const bool bracketed = rest.starts_with('[') && rest.find(']') != std::string_view::npos;
  const auto host_end = bracketed ? rest.find(']') + 1 : std::min(rest.find(':'), rest.size());
  auto host = rest.substr(0, host_end);
  auto port = rest.substr(host_end);
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) refuse(text, "names no host");
  if (port.empty() && redis) port = ":6379";
  if (!port.starts_with(':')) refuse(text, "names no port");
  port.remove_prefix(1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number == 0)
    refuse(text, fmt::format("has no port between 1 and 65535, but '{}'", port));
  return {std::string(text), {}, std::string(host), std::string(port)};
}

}  // namespace soakline
