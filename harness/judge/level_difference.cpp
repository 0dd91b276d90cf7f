#include "harness/judge/level_difference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <boost/math/distributions/students_t.hpp>

namespace soakline {
namespace {

constexpr double confidence = 0.99;
constexpr std::size_t stretches = 16;
constexpr double least_more = 0.05;  // of the base's level

using Stretches = std::array<double, stretches>;

// Means of a column over the stretches of [from_s, to_s], NaN where one has no row.
Stretches means(const std::vector<double>& time_s, const std::vector<double>& column, double from_s,
                double to_s) {
  Stretches sums{}, rows{};
  for (std::size_t i = 0; i < std::min(time_s.size(), column.size()); ++i) {
    if (time_s[i] < from_s || time_s[i] >= to_s || std::isnan(column[i])) continue;
    const auto at = static_cast<std::size_t>((time_s[i] - from_s) / (to_s - from_s) * stretches);
    sums[at] += column[i];
    ++rows[at];
  }
  for (std::size_t i = 0; i < stretches; ++i) sums[i] /= rows[i];
  return sums;
}

// Growth of `column` by growth of `per`, stretch by stretch.
Stretches quotients(const std::vector<double>& time_s, const std::vector<double>& column,
                    const std::vector<double>& per, double from_s, double to_s) {
  Stretches result;
  result.fill(missing);
  std::array<double, stretches + 1> columns{}, pers{};
  columns.fill(missing);
  pers.fill(missing);
  const std::size_t rows = std::min({time_s.size(), column.size(), per.size()});
  for (std::size_t i = 0, edge = 0; i < rows && edge <= stretches; ++i) {
    const double edge_s = from_s + (to_s - from_s) * static_cast<double>(edge) / stretches;
    // Operations are told in steps: at one, both counts belong together.
    const bool steps = i > 0 && per[i] != per[i - 1];
    if (time_s[i] < edge_s || !steps || std::isnan(column[i])) continue;
    columns[edge] = column[i];
    pers[edge] = per[i];
    ++edge;
  }
  for (std::size_t i = 0; i < stretches; ++i)
    result[i] = (columns[i + 1] - columns[i]) / (pers[i + 1] - pers[i]);
  return result;
}

std::optional<LevelDifference> level_difference(std::string quantity, std::string unit, double least,
                                                const Stretches& base, const Stretches& next) {
  double bases = 0, nexts = 0, n = 0, squares = 0;
  const auto both = [&](std::size_t i) { return std::isfinite(base[i]) && std::isfinite(next[i]); };
  for (std::size_t i = 0; i < stretches; ++i)
    if (both(i)) {
      bases += base[i];
      nexts += next[i];
      ++n;
    }
  if (n < 3) return std::nullopt;
  const double mean = (nexts - bases) / n;
  for (std::size_t i = 0; i < stretches; ++i)
    if (both(i)) squares += std::pow(next[i] - base[i] - mean, 2);
  const boost::math::students_t t(n - 1);
  const double half = boost::math::quantile(boost::math::complement(t, (1 - confidence) / 2)) *
                      std::sqrt(squares / (n - 1) / n);
  return LevelDifference{std::move(quantity),
                         std::move(unit),
                         bases / n,
                         nexts / n,
                         mean - half,
                         mean + half,
                         mean - half > std::max(least, least_more * bases / n)};
}

}  // namespace

std::vector<LevelDifference> compare_levels(const Recording& base, const Recording& next,
                                            const JudgeSettings& settings) {
  const double from_s = settings.warmup_s, to_s = std::min(base.end_s(), next.end_s());
  std::vector<LevelDifference> found;
  if (!(to_s > from_s)) return found;
  const auto add = [&found](std::optional<LevelDifference> difference) {
    if (difference) found.push_back(std::move(*difference));
  };
  const auto mean = [&](const Recording& run, const std::vector<double>& column) {
    return means(run.time_s, column, from_s, to_s);
  };
  add(level_difference("memory", "B", settings.page_bytes, mean(base, base.rss_bytes),
                       mean(next, next.rss_bytes)));
  add(level_difference("threads", "", 1, mean(base, base.threads), mean(next, next.threads)));
  add(level_difference("descriptors", "", 1, mean(base, base.descriptors), mean(next, next.descriptors)));
  const auto cpu = [&](const Recording& run, const std::vector<double>& per) {
    return quotients(run.time_s, run.cpu_s, per, from_s, to_s);
  };
  auto by_operation =
      level_difference("cpu per operation", "s", 0, cpu(base, base.operations), cpu(next, next.operations));
  add(by_operation
          ? std::move(by_operation)
          : level_difference("cpu per second", "s", 0.02, cpu(base, base.time_s), cpu(next, next.time_s)));
  return found;
}

}  // namespace soakline
