#include "harness/judge/verdict.hpp"

#include <stdexcept>
#include <utility>

namespace soakline {
namespace {

constexpr std::array metric_names = {
    std::pair{Metric::memory, "memory"}, std::pair{Metric::threads, "threads"},
    std::pair{Metric::descriptors, "descriptors"}, std::pair{Metric::cpu, "cpu"}};
constexpr std::array verdict_names = {std::pair{Verdict::pass, "pass"}, std::pair{Verdict::fail, "fail"},
                                      std::pair{Verdict::inconclusive, "inconclusive"},
                                      std::pair{Verdict::invalid, "invalid"},
                                      std::pair{Verdict::not_judged, "not judged"}};
constexpr std::array stop_names = {std::pair{Stop::decided, "decided"}, std::pair{Stop::fail, "fail"},
                                   std::pair{Stop::never, "never"}};

constexpr std::array shape_names = {std::pair{Shape::flat, "flat"},
                                    std::pair{Shape::warming_up, "warming up"},
                                    std::pair{Shape::step, "step"},
                                    std::pair{Shape::sawtooth, "sawtooth"},
                                    std::pair{Shape::linear, "linear"},
                                    std::pair{Shape::accelerating, "accelerating"},
                                    std::pair{Shape::per_operation, "per operation"}};

std::string_view name_in(const auto& names, auto value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  throw std::logic_error("an enumerator without a name");
}

auto value_in(const auto& names, std::string_view wanted) -> std::optional<decltype(names[0].first)> {
  for (const auto& [value, name] : names)
    if (name == wanted) return value;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Metric metric) {
  return name_in(metric_names, metric);
}
std::string_view name_of(Verdict verdict) {
  return name_in(verdict_names, verdict);
}
std::string_view name_of(Stop stop) {
  return name_in(stop_names, stop);
}
std::string_view name_of(Shape shape) {
  return name_in(shape_names, shape);
}
std::optional<Metric> metric_named(std::string_view name) {
  return value_in(metric_names, name);
}
std::optional<Verdict> verdict_named(std::string_view name) {
  return value_in(verdict_names, name);
}
std::optional<Stop> stop_named(std::string_view name) {
  return value_in(stop_names, name);
}
std::optional<Shape> shape_named(std::string_view name) {
  return value_in(shape_names, name);
}

const Limit& JudgeSettings::limit(Metric metric) const {
  switch (metric) {
    case Metric::memory:
      return memory;
    case Metric::threads:
      return threads;
    case Metric::descriptors:
      return descriptors;
    case Metric::cpu:
      break;
  }
  throw std::logic_error("cpu has no limit of its own: it is compared with the baseline only");
}

Limit& JudgeSettings::limit(Metric metric) {
  return const_cast<Limit&>(std::as_const(*this).limit(metric));
}

}  // namespace soakline
