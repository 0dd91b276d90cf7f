// How a leak may come: always as many live bytes a second on average, in many shapes.
#pragma once

#include <span>
#include <string_view>

#include "calibration/life.hpp"

namespace soakline {

struct Leak {
  double bytes_per_s = 0;
  double start_s = 0;
};

struct LeakShape {
  std::string_view name;
  void (*start)(Life&, const Leak&);
  std::string_view sentence;
};

std::span<const LeakShape> leak_shapes();
const LeakShape* find_leak_shape(std::string_view name);  // null if there is none

}  // namespace soakline
