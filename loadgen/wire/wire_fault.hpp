// A fault of the wire as the parent asks for it: one JSON object a line.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "loadgen/wire/byte_course.hpp"
#include "loadgen/wire/message_edit.hpp"

namespace soakline {

// The line is none; what() says why.
struct WireError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct WireFault {
  std::uint64_t id = 0;  // of the answer
  std::string kind;
  double for_s = 0;
  bool ends = false;         // no fault: the one that is under way is over now
  bool resets = false;       // all connections, and those that come meanwhile
  bool closes_half = false;  // of all connections, at once
  bool to_server = false;    // the half that is closed: otherwise that to the client
  BytePace to_client_pace, to_server_pace;
  Edit edit = Edit::none;  // of what goes to the client
  double share = 0;
};

// {"end": true}, or {"id": 3, "kind": "delay", "for_s": 5, "delay_s": 0.2}; further keys by kind: "direction"
// ("to-client" or "to-server"), "delay_s", "piece_bytes", "pause_s", "bytes_per_s", "share".
WireFault parse_wire_fault(std::string_view line);

}  // namespace soakline
