#include "reports/survivor_figures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/numbers.hpp"
#include "reports/survivors.hpp"

namespace soakline {
namespace {

constexpr std::size_t most_points = 1000;
constexpr Ink inks[] = {Ink::first, Ink::second, Ink::third};

// Bytes a second of births, step by step.
Trace by_birth(const Recording& recording, const std::vector<double>& by_epoch) {
  Trace trace;
  for (std::size_t epoch = 1; epoch < by_epoch.size(); ++epoch) {
    const auto [from_s, to_s] = recording.epochs[epoch];
    if (to_s <= from_s) continue;
    const double rate = by_epoch[epoch] / (to_s - from_s);
    trace.emplace_back(from_s, rate);
    trace.emplace_back(to_s, rate);
  }
  return trace;
}

void into_unit(Figure& figure, const char* unit, const char* per) {
  double most = 0;
  for (const Curve& curve : figure.curves)
    for (const auto& [time_s, value] : curve.points) most = std::max(most, value);
  const auto [values, name] = in_one_unit({most}, unit);
  const double factor = name == "TB"   ? 1e-12
                        : name == "GB" ? 1e-9
                        : name == "MB" ? 1e-6
                        : name == "kB" ? 1e-3
                                       : 1;
  for (Curve& curve : figure.curves)
    for (auto& [time_s, value] : curve.points) value *= factor;
  figure.unit = name + per;
}

Figure figure_of(const RecordedRun& run, const char* id, const char* title) {
  Figure figure;
  figure.id = id;
  figure.title = title;
  figure.end_s = run.recording.end_s();
  figure.warmup_s = std::min(run.info.settings.warmup_s, figure.end_s);
  figure.from_zero = true;
  return figure;
}

}  // namespace

std::vector<Figure> survivor_figures(const RecordedRun& run) {
  Figure over_time = figure_of(run, "survivors", "What survives");
  Figure births = figure_of(run, "survivors-by-birth", "What survives, by when it was born");
  if (run.result)
    for (const Evidence& evidence : run.result->evidence) {
      if (evidence.sites.empty() || evidence.frames.empty()) continue;
      if (over_time.curves.size() == std::size(inks)) break;
      const Survivors survivors = survivors_of(run.recording, evidence);
      const Ink ink = inks[over_time.curves.size()];
      over_time.curves.push_back({decimated(survivors.over_time, most_points), ink, evidence.frames[0]});
      births.curves.push_back({by_birth(run.recording, survivors.by_epoch), ink, evidence.frames[0]});
    }
  if (over_time.curves.empty() || over_time.curves[0].points.size() < 2) return {};
  into_unit(over_time, "B", "");
  into_unit(births, "B", "/s");
  over_time.description =
      fmt::format("Bytes older than A that live of what {} places in the code bear, over {}.",
                  over_time.curves.size(), duration_text(over_time.end_s));
  births.description = "The same at the end by time of birth: flat for a leak, ending for a cache.";
  return {over_time, births};
}

}  // namespace soakline
