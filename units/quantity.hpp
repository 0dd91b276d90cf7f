// Durations, rates, sizes and drifts as people write them, and as numbers in SI units.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace soakline {

inline constexpr double seconds_per_day = 86'400.0;

// What was written cannot be read; what() names the text, what was expected and an example.
struct QuantityError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "8.6s" "250ms" "4m" "2h" "1d" "1h30m"; seconds, never negative.
double parse_duration(std::string_view text);

// "58k/day" "20k/s" "1M/h" "12/min"; per second, never negative.
double parse_rate(std::string_view text);

// "64 B" "64" "4KB" "2 MiB"; bytes. kB and KB are 10^3, KiB 2^10.
double parse_bytes(std::string_view text);

// "90 MB/day" "1.1 kB/s"; bytes per day.
double parse_byte_drift(std::string_view text);

// "24/day" "1/h"; count per day.
double parse_count_drift(std::string_view text);

// "64..512 B", or one size for both ends. Bytes.
struct ByteRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};
ByteRange parse_byte_range(std::string_view text);

// "40m..80m", both ends with their unit. Seconds.
struct TimeSpan {
  double from_s = 0;
  double until_s = 0;
};
TimeSpan parse_time_span(std::string_view text);

// Shortest form with three significant digits: "91.2 MB", "640 kB", "-3 B".
std::string format_bytes(double bytes);
// "3m10s", "2h", "0.5s"; parse_duration reads it back.
std::string format_duration(double seconds);
// "58k", "1.2M", "17".
std::string format_count(double count);

}  // namespace soakline
