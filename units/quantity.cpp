#include "units/quantity.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace soakline {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct Leading {
  double value;
  std::string_view rest;
};

// The number a text begins with; QuantityError where there is none, or it is negative or not finite.
Leading leading_number(std::string_view text, std::string_view whole, std::string_view example) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value) || value < 0)
    throw QuantityError(fmt::format("'{}' is not a number with a unit; write it like {}", whole, example));
  return {value, trim(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)))};
}

// Nothing that is measured is larger (an exabyte, the age of the universe in seconds), and integers still
// hold it.
double measurable(double value, std::string_view whole, std::string_view example) {
  if (!(value <= 1e18))
    throw QuantityError(fmt::format("'{}' is too large; write it like {}", whole, example));
  return value;
}

using Units = std::initializer_list<std::pair<std::string_view, double>>;

double unit(std::string_view name, Units units, std::string_view whole, std::string_view example) {
  for (const auto& [known, factor] : units)
    if (known == name) return factor;
  std::string known_names;
  for (const auto& [known, factor] : units)
    if (!known.empty()) known_names += (known_names.empty() ? "" : ", ") + std::string(known);
  throw QuantityError(fmt::format(
      "'{}': {} (known: {}); write it like {}", whole,
      name.empty() ? "the unit is missing" : fmt::format("unknown unit '{}'", name), known_names, example));
}

constexpr std::string_view duration_example = "\"250ms\", \"20s\", \"4m\" or \"2h\"";
const Units time_units = {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1},      {"m", 60},
                          {"min", 60},  {"h", 3600},  {"d", 86'400}, {"day", 86'400}};
const Units byte_units = {{"", 1},     {"B", 1},      {"kB", 1e3},      {"KB", 1e3},        {"MB", 1e6},
                          {"GB", 1e9}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
const Units count_units = {{"", 1}, {"k", 1e3}, {"M", 1e6}};

// "AMOUNT UNIT/TIME" as amount per second.
double per_second(std::string_view text, Units amount_units, std::string_view example) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    throw QuantityError(fmt::format("'{}' has no '/day'; write it like {}", text, example));
  const auto [value, amount] = leading_number(trim(text.substr(0, slash)), text, example);
  return measurable(value * unit(amount, amount_units, text, example) /
                        unit(trim(text.substr(slash + 1)), time_units, text, example),
                    text, example);
}

struct Scaled {
  double value;
  std::string_view prefix;
};

Scaled scale(double value, std::initializer_list<std::pair<double, std::string_view>> steps) {
  for (const auto& [factor, prefix] : steps)
    if (std::abs(value) >= 0.9995 * factor) return {value / factor, prefix};
  return {value, ""};
}

// Three significant digits without an exponent or trailing zeros.
std::string three_digits(double value) {
  const double size = std::abs(value);
  std::string text = fmt::format("{:.{}f}", value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

double parse_duration(std::string_view text) {
  double seconds = 0;
  std::string_view rest = trim(text);
  do {
    const auto [value, tail] = leading_number(rest, text, duration_example);
    const auto name = tail.substr(0, std::min(tail.size(), tail.find_first_of("0123456789.")));
    seconds += value * unit(trim(name), time_units, text, duration_example);
    rest = tail.substr(name.size());
  } while (!rest.empty());
  return measurable(seconds, text, duration_example);
}

double parse_rate(std::string_view text) {
  return per_second(text, count_units, "\"58k/day\" or \"20k/s\"");
}

double parse_bytes(std::string_view text) {
  constexpr std::string_view example = "\"512 B\", \"4 KB\" or \"2 MiB\"";
  const auto [value, name] = leading_number(trim(text), text, example);
  return measurable(value * unit(name, byte_units, text, example), text, example);
}

double parse_byte_drift(std::string_view text) {
  return per_second(text, byte_units, "\"90 MB/day\"") * seconds_per_day;
}

double parse_count_drift(std::string_view text) {
  return per_second(text, count_units, "\"24/day\"") * seconds_per_day;
}

ByteRange parse_byte_range(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    const auto size = static_cast<std::uint64_t>(parse_bytes(text));
    return {size, size};
  }
  constexpr std::string_view example = "\"64..512 B\"";
  const auto [most, name] = leading_number(trim(text.substr(dots + 2)), text, example);
  const double factor = unit(name, byte_units, text, example);
  const auto [least, least_name] = leading_number(trim(text.substr(0, dots)), text, example);
  const double least_factor = least_name.empty() ? factor : unit(least_name, byte_units, text, example);
  const ByteRange range{static_cast<std::uint64_t>(measurable(least * least_factor, text, example)),
                        static_cast<std::uint64_t>(measurable(most * factor, text, example))};
  if (range.least > range.most)
    throw QuantityError(fmt::format("'{}' ends before it begins; write it like {}", text, example));
  return range;
}

TimeSpan parse_time_span(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos)
    throw QuantityError(fmt::format("'{}' has no '..'; write it like \"40m..80m\"", text));
  const TimeSpan span{parse_duration(text.substr(0, dots)), parse_duration(text.substr(dots + 2))};
  if (span.from_s > span.until_s)
    throw QuantityError(fmt::format("'{}' ends before it begins; write it like \"40m..80m\"", text));
  return span;
}

std::string format_bytes(double bytes) {
  const auto [value, prefix] = scale(bytes, {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}});
  return fmt::format("{} {}B", three_digits(value), prefix);
}

std::string format_duration(double seconds) {
  if (seconds < 10) return three_digits(seconds) + "s";
  const auto whole = std::llround(seconds);
  std::string text;
  if (whole >= 3600) text += fmt::format("{}h", whole / 3600);
  if (whole / 60 % 60) text += fmt::format("{}m", whole / 60 % 60);
  if (whole % 60 || text.empty()) text += fmt::format("{}s", whole % 60);
  return text;
}

std::string format_count(double count) {
  const auto [value, prefix] = scale(count, {{1e9, "G"}, {1e6, "M"}, {1e4, "k"}});
  return three_digits(prefix == "k" ? count / 1e3 : value) + std::string(prefix);
}

}  // namespace soakline
