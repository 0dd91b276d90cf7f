#include "calibration/kinds.hpp"

#include <algorithm>
#include <array>

#include "calibration/caches.hpp"
#include "calibration/services.hpp"

namespace soakline {
namespace {

constexpr std::array all_kinds = {
    Kind{"agent", Group::tune, agent, "wakes every five seconds, keeps the last measurements"},
    Kind{"server", Group::tune, server, "eight threads answer 160 requests a second and hold 400 sessions"},
    Kind{"cache-fill", Group::tune, cache_fill,
         "a cache of 24 MiB, full after 3 to 4 minutes, always turning over"},
    Kind{"log-rotation", Group::tune, log_rotation, "keeps 4 MiB of lines, then drops them all"},
    Kind{"wave", Group::tune, wave, "sessions in waves of 8 to 12 minutes, and once 1 MiB more"},
};

}  // namespace

std::string_view to_string(Group group) {
  switch (group) {
    case Group::tune:
      return "tune";
    case Group::report:
      return "report";
    case Group::special:
      return "special";
    case Group::collected:
      return "collected";
  }
  return "";
}

std::span<const Kind> kinds() {
  return all_kinds;
}

const Kind* find_kind(std::string_view name) {
  const auto found =
      std::find_if(all_kinds.begin(), all_kinds.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == all_kinds.end() ? nullptr : &*found;
}

}  // namespace soakline
