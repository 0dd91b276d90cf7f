#include "loadgen/http_target.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace soakline {
namespace {

constexpr std::string_view scheme = "http://";

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw AddressError(fmt::format("'{}' {}", text, why));
}

Address address_of(std::string_view text, std::string authority) {
  const bool has_port = authority.find(':', authority.rfind(']') + 1) != std::string::npos;
  if (!has_port) authority += ":80";
  try {
    Address address = parse_address(authority);
    address.text = text;
    return address;
  } catch (const AddressError&) {
    refuse(text, "names no server; write http://HOST:PORT/PATH");
  }
}

}  // namespace

HttpTarget parse_http_target(std::string_view text) {
  if (text.starts_with("https://")) refuse(text, "needs TLS, which does not work yet; write http://");
  if (text.starts_with("unix:")) return {parse_address(text), "localhost", ""};
  std::string_view rest = text.starts_with(scheme) ? text.substr(scheme.size()) : text;
  if (rest.find("://") != std::string_view::npos)
    refuse(text, "is a URL of another kind; write http://HOST:PORT/PATH");
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string authority(rest.substr(0, end));
  std::string_view path = rest.substr(end);
  path = path.substr(0, path.find('#'));
  if (authority.find('@') != std::string::npos)
    refuse(text, "names a user; say who asks with --header 'Authorization: Basic ...'");
  return {address_of(text, authority), authority,
          std::string(path.starts_with('?') ? "/" : "") + std::string(path)};
}

}  // namespace soakline
