#include "calibration/whole_life.hpp"

namespace soakline {
namespace {

// Twice what the largest life's books took.
constexpr std::size_t books_bytes = 64 << 20;

}  // namespace

WholeLife::WholeLife(const LifeSettings& settings)
    : settings_(settings),
      memory_(books_bytes),
      life_(settings.seed, settings.seconds, memory_.resource()),
      readings_(settings.readings, settings.seconds, memory_.resource()) {}

void WholeLife::live(const std::function<void(std::uint32_t)>& each) {
  Leak leak{settings_.leak * limit_bytes_per_s, std::max(0.0, settings_.delay_s)};
  if (settings_.delay_s < 0 && settings_.shape->name == "late")
    leak.start_s = life_.leak_chance.uniform(20, 60) * 60;
  settings_.kind->live(life_);
  if (leak.bytes_per_s > 0) settings_.shape->start(life_, leak);
  for (std::uint32_t second = 0; second < settings_.seconds; ++second) {
    life_.run_until(second);
    readings_.read(life_, second);
    if (each) each(second);
  }
}

}  // namespace soakline
