// Invented recordings for the judge's tests: a staircase of pages over whatever course of bytes, seeded.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>

#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline::traces {

// A run in its two usual forms; a "minute" is one of the two-hour run's, and scales with the warm-up.
struct Soak {
  JudgeSettings settings;
  double sample_s = 1;

  double minute_s() const { return settings.warmup_s / 15; }
  double bytes_per_s(double limits) const {
    return limits * settings.memory.fail * settings.compression / 86'400;
  }
  double limit_per_minute() const { return bytes_per_s(1) * minute_s(); }
};

inline Soak real_time() {
  return {};
}

inline Soak compressed() {
  Soak soak;
  soak.settings.compression = 500;
  soak.settings.time_s = 240;
  soak.settings.warmup_s = 20;
  soak.settings.age_s = 20.0 / 3;
  soak.settings.settle_s = 30;
  soak.sample_s = 0.066;
  return soak;
}

// From `first` up to and with `last`.
inline std::vector<double> times(double first, double last, double step) {
  std::vector<double> result(static_cast<std::size_t>(std::floor((last - first) / step)) + 1);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = first + step * static_cast<double>(i);
  return result;
}

// Bytes by minute of the run.
using Course = std::function<double(double minute)>;

struct Noise {
  double slow_bytes = 60e3;  // wanders with a correlation time of 400 s in two hours, as RSS does
  double burst_bytes = 8e3;  // temporary objects, always upwards
};

// What an allocator shows of `course` over 50 MB: whole pages, wandering, with short bursts.
inline Recording rss(const Soak& soak, const Course& course, std::uint32_t seed, Noise noise = {}) {
  boost::random::mt19937 random(seed);
  boost::random::normal_distribution<> normal;
  const double keep = std::exp(-soak.sample_s / (400.0 / 60 * soak.minute_s()));
  const double page = soak.settings.page_bytes;
  double slow = noise.slow_bytes * normal(random);
  Recording recording;
  for (const double t : times(0, soak.settings.time_s, soak.sample_s)) {
    slow = keep * slow + std::sqrt(1 - keep * keep) * noise.slow_bytes * normal(random);
    const double bytes =
        50e6 + course(t / soak.minute_s()) + slow + noise.burst_bytes * std::abs(normal(random));
    recording.time_s.push_back(t);
    recording.rss_bytes.push_back(std::ceil(bytes / page) * page);
  }
  return recording;
}

// Warm-ups and other growth that ends. Bytes are those measured on small servers.
inline Course flat() {
  return [](double) { return 0.0; };
}
inline Course creep(double bytes = 600e3) {
  return [=](double minute) { return bytes * std::log(1 + minute); };
}
inline Course fill(double bytes, double minutes) {
  return [=](double minute) { return bytes * (1 - std::exp(-minute / minutes)); };
}
inline Course sawtooth(double bytes, double period) {
  return [=](double minute) { return bytes * (minute / period - std::floor(minute / period)); };
}
inline Course step(double bytes, double at) {
  return [=](double minute) { return minute < at ? 0.0 : bytes; };
}
inline Course leak(const Soak& soak, double limits, double from = 0) {
  return [rate = limits * soak.limit_per_minute(), from](double minute) {
    return rate * std::max(0.0, minute - from);
  };
}
inline Course operator+(Course one, Course other) {
  return
      [one = std::move(one), other = std::move(other)](double minute) { return one(minute) + other(minute); };
}

}  // namespace soakline::traces
