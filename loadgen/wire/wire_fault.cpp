#include "loadgen/wire/wire_fault.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace soakline {
namespace {

using Json = nlohmann::json;

double positive(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number() || !(found->get<double>() > 0))
    throw WireError(fmt::format("'{}' must be a number above 0", key));
  return found->get<double>();
}

Edit edit_named(std::string_view name) {
  return name == "lose"        ? Edit::lose
         : name == "duplicate" ? Edit::duplicate
         : name == "corrupt"   ? Edit::corrupt
                               : Edit::none;
}

BytePace pace_of(const std::string& kind, const Json& json) {
  BytePace pace;
  if (kind == "no-answer") pace.held = true;
  if (kind == "delay") pace.delay_s = positive(json, "delay_s");
  if (kind == "cap" || kind == "slow-read") pace.bytes_per_s = positive(json, "bytes_per_s");
  if (kind == "slow-read") pace.slow_reading = true;
  if (kind == "tear") {
    pace.piece = static_cast<std::size_t>(positive(json, "piece_bytes"));
    pace.pause_s = positive(json, "pause_s");
  }
  return pace;
}

}  // namespace

WireFault parse_wire_fault(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) throw WireError("a fault is a JSON object on one line");
  WireFault fault;
  fault.ends = json.value("end", false);
  if (fault.ends) return fault;
  fault.id = json.value("id", std::uint64_t{0});
  fault.kind = json.value("kind", "");
  fault.for_s = json.value("for_s", 0.0);
  fault.resets = fault.kind == "reset";
  fault.closes_half = fault.kind == "half-close";
  fault.to_server = json.value("direction", "to-client") == "to-server";
  fault.edit = edit_named(fault.kind);
  if (fault.edit != Edit::none) fault.share = positive(json, "share");
  const BytePace pace = pace_of(fault.kind, json);
  fault.to_server_pace = pace;
  if (fault.kind != "slow-read") fault.to_client_pace = pace;
  const bool paced = pace.held || pace.delay_s > 0 || pace.piece > 0 || pace.bytes_per_s > 0;
  if (!paced && !fault.resets && !fault.closes_half && fault.edit == Edit::none)
    throw WireError(fmt::format("unknown kind '{}'", fault.kind));
  return fault;
}

}  // namespace soakline
