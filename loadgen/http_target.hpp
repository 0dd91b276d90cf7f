// Where an HTTP load goes, as it is written: http://HOST[:PORT][/PATH].
#pragma once

#include <string>
#include <string_view>

#include "loadgen/address.hpp"

namespace soakline {

struct HttpTarget {
  Address address;
  std::string host;  // for the header of that name
  std::string path;  // "" where none is written
};

// Port 80 unless said; HOST:PORT and unix:PATH stand for themselves. AddressError.
HttpTarget parse_http_target(std::string_view text);

}  // namespace soakline
