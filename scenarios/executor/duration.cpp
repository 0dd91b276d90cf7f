#include "scenarios/executor/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

namespace executor {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr std::array<Unit, 8> units = {
    {{"h", 3600}, {"min", 60}, {"m", 60}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"d", 86'400}}};

[[noreturn]] void fail(std::string_view text, const std::string& why) {
  throw DurationError("'" + std::string(text) + "' " + why + "; write it like 8.6s, 17.2ms or 8.6s/500");
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// Takes a number off the front of the text.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

double parse_divisor(std::string_view divisor, std::string_view whole) {
  auto rest = trim(divisor);
  const auto value = take_number(rest);
  if (!value || !rest.empty()) fail(whole, "is not divided by a number");
  if (*value <= 0) fail(whole, "is divided by a number that is not above zero");
  return *value;
}

double parse_seconds(std::string_view text, std::string_view whole) {
  auto rest = trim(text);
  const auto value = take_number(rest);
  if (!value) fail(whole, "is no duration");
  rest = trim(rest);
  for (const auto& unit : units)
    if (rest == unit.name) return *value * unit.seconds;
  fail(whole, rest.empty() ? "has no unit" : "has an unknown unit (known: us, ms, s, m, h)");
}

}  // namespace

Duration parse_duration(std::string_view text) {
  const auto slash = text.find('/');
  double seconds = parse_seconds(text.substr(0, slash), text);
  if (slash != text.npos) seconds /= parse_divisor(text.substr(slash + 1), text);
  if (!(seconds >= 0.999e-6)) fail(text, "is shorter than 1us");
  if (!(seconds <= 86'400)) fail(text, "is longer than a day");
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

std::string format_duration(Duration duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const Unit unit = seconds >= 1 ? Unit{"s", 1} : seconds >= 1e-3 ? Unit{"ms", 1e-3} : Unit{"us", 1e-6};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4g", seconds / unit.seconds);
  return text.data() + std::string(unit.name);
}

}  // namespace executor
