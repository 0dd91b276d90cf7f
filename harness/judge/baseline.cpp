#include "harness/judge/baseline.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <boost/math/distributions/students_t.hpp>

namespace soakline {
namespace {

struct Rows {
  std::size_t first, last;
};

Rows plateau(const Recording& recording, const JudgeSettings& settings) {
  const auto& t = recording.time_s;
  const auto first = std::upper_bound(t.begin(), t.end(), settings.warmup_s);
  const auto last = std::upper_bound(t.begin(), t.end(), 2 * settings.warmup_s);
  return {static_cast<std::size_t>(first - t.begin()), static_cast<std::size_t>(last - t.begin())};
}

double median(const std::vector<double>& column, Rows rows) {
  std::vector<double> values;
  for (std::size_t i = rows.first; i < std::min(rows.last, column.size()); ++i)
    if (!std::isnan(column[i])) values.push_back(column[i]);
  if (values.empty()) return missing;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// How much two columns grew over the rows that have both.
struct Growth {
  double column = 0, other = 0;
};
Growth growth(const std::vector<double>& column, const std::vector<double>& other, Rows rows) {
  std::optional<std::size_t> first, last;
  for (std::size_t i = rows.first; i < std::min({rows.last, column.size(), other.size()}); ++i) {
    if (std::isnan(column[i]) || std::isnan(other[i])) continue;
    if (!first) first = i;
    last = i;
  }
  if (!first) return {};
  return {column[*last] - column[*first], other[*last] - other[*first]};
}

// Operations are told once a second while rows come more often: only where the number has just changed does
// it belong to its row's CPU.
std::vector<double> at_steps(const std::vector<double>& column) {
  std::vector<double> steps(column.size(), missing);
  for (std::size_t i = 1; i < column.size(); ++i)
    if (column[i] != column[i - 1]) steps[i] = column[i];
  return steps;
}

}  // namespace

std::vector<Level> levels(const Recording& recording, const JudgeSettings& settings) {
  const Rows rows = plateau(recording, settings);
  std::vector<Level> found;
  const auto add = [&](std::string quantity, std::string unit, double value, double floor) {
    if (std::isfinite(value)) found.push_back({std::move(quantity), std::move(unit), value, floor});
  };
  const double threads = median(recording.threads, rows);
  add("plateau memory", "B", median(recording.rss_bytes, rows), settings.page_bytes * std::fmax(1, threads));
  add("threads", "", threads, 1);
  add("descriptors", "", median(recording.descriptors, rows), 1);
  const Growth by_operation = growth(recording.cpu_s, at_steps(recording.operations), rows);
  const Growth by_second = growth(recording.cpu_s, recording.time_s, rows);
  if (by_operation.other > 0) {
    const double each_s = by_operation.column / by_operation.other;
    add("cpu per operation", "s", each_s, 0.02 * each_s);
  } else if (by_second.other > 0) {
    add("cpu per second", "s", by_second.column / by_second.other, 0.02);
  }
  return found;
}

Prediction predict(std::span<const double> accepted, double floor, double alpha) {
  const auto n = static_cast<double>(accepted.size());
  Prediction prediction;
  for (const double value : accepted) prediction.mean += value / n;
  double squares = 0;
  for (const double value : accepted) squares += (value - prediction.mean) * (value - prediction.mean);
  const boost::math::students_t t(std::max(1.0, n - 1));
  const double half = boost::math::quantile(boost::math::complement(t, alpha / 2)) *
                      std::sqrt(squares / std::max(1.0, n - 1)) * std::sqrt(1 + 1 / n);
  prediction.low = prediction.mean - std::max(half, floor);
  prediction.high = prediction.mean + std::max(half, floor);
  return prediction;
}

}  // namespace soakline
