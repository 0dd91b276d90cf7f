#include "units/rate_shape.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>

#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr double for_ever = std::numeric_limits<double>::infinity();
constexpr double daily_swing = 0.8;  // of the mean, up and down
constexpr int pieces_a_day = 96;

constexpr std::string_view known =
    "there are constant, ramp:30s, steps:0.5@1m,2@30s, bursts:5s/1m and daily:24h";

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw QuantityError(fmt::format("'{}' {}; {}", text, why, known));
}

double positive_duration(std::string_view text, std::string_view whole) {
  const double seconds = parse_duration(text);
  if (!(seconds > 0)) refuse(whole, "has a time of nothing");
  return seconds;
}

RateShape steps(std::string_view list, std::string_view whole) {
  RateShape shape;
  double operations = 0;
  while (!list.empty()) {
    const auto step = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), step.size() + 1));
    const auto at = step.find('@');
    double factor = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + std::min(at, step.size()), factor);
    if (at == std::string_view::npos || error != std::errc() || end != step.data() + at ||
        !(factor >= 0 && factor <= 1e6))
      refuse(whole, fmt::format("has the step '{}', which is not like 0.5@1m", step));
    const double lasts_s = positive_duration(step.substr(at + 1), whole);
    shape.pieces.push_back({lasts_s, factor, factor});
    operations += factor * lasts_s;
  }
  if (!(operations > 0)) refuse(whole, "sends nothing at all");
  return shape;
}

RateShape bursts(std::string_view text, std::string_view whole) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) refuse(whole, "does not say out of how long");
  const double on_s = positive_duration(text.substr(0, slash), whole);
  const double period_s = positive_duration(text.substr(slash + 1), whole);
  if (on_s >= period_s) refuse(whole, "bursts for longer than its period");
  return {{{on_s, period_s / on_s, period_s / on_s}, {period_s - on_s, 0, 0}}};
}

RateShape day(double lasts_s) {
  const auto factor = [](int piece) {
    return 1 - daily_swing * std::cos(2 * std::numbers::pi * piece / pieces_a_day);
  };
  RateShape shape;
  for (int i = 0; i < pieces_a_day; ++i)
    shape.pieces.push_back({lasts_s / pieces_a_day, factor(i), factor(i + 1)});
  return shape;
}

}  // namespace

RateShape parse_rate_shape(std::string_view text) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  const auto rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (text == "constant") return {};
  if (name == "ramp") return {{{positive_duration(rest, text), 0, 1}, {for_ever, 1, 1}}};
  if (name == "steps") return steps(rest, text);
  if (name == "bursts") return bursts(rest, text);
  if (name == "daily") return day(positive_duration(rest, text));
  refuse(text, "is no shape of a rate");
}

}  // namespace soakline
