// When many devices drop at once: "1000@30s/5m", a thousand after 30 s and again every 5 minutes.
#pragma once

#include <cstdint>
#include <string_view>

namespace soakline {

struct StormPlan {
  std::uint32_t devices = 0;
  double first_s = 0;
  double period_s = 0;  // 0: only once
};

// "DEVICES@FIRST" or "DEVICES@FIRST/PERIOD"; QuantityError.
StormPlan parse_storm_plan(std::string_view text);

}  // namespace soakline
