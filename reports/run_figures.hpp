// The figures of a recorded run: each metric with its drift and limit, the load, and the instrument itself.
#pragma once

#include <optional>
#include <vector>

#include "harness/run_record.hpp"
#include "reports/figure.hpp"

namespace soakline {

// Nothing where the run recorded nothing of it.
std::optional<Figure> metric_figure(const RecordedRun& run, Metric metric);
std::vector<Figure> load_figures(const RecordedRun& run);
std::vector<Figure> harness_figures(const RecordedRun& run);

}  // namespace soakline
