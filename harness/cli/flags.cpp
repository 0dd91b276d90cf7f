#include "harness/cli/flags.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

namespace soakline {
namespace {

// A flag whose text is read by a parser of units/quantity.hpp; its errors name the flag.
template <class Value, class Parse>
void add_quantity(CLI::App& verb, const std::string& flag, const char* variable, std::optional<Value>& value,
                  Parse parse, const std::string& help, const std::string& type) {
  verb.add_option_function<std::string>(
          "--" + flag,
          [&value, flag, parse](const std::string& text) {
            try {
              value = parse(text);
            } catch (const QuantityError& error) {
              throw CLI::ValidationError("--" + flag, error.what());
            }
          },
          help)
      ->envname(variable)
      ->type_name(type);
}

void add_limit(Overrides& overrides, const std::string& text) {
  const auto equals = text.find('=');
  const auto metric = metric_named(text.substr(0, equals));
  if (equals == std::string::npos || !metric)
    throw CLI::ValidationError(
        "--limit", fmt::format("'{}' is not METRIC=DRIFT; write memory=90MB/day or threads=24/day", text));
  try {
    overrides.limits[*metric] = parse_limit(*metric, text.substr(equals + 1));
  } catch (const QuantityError& error) {
    throw CLI::ValidationError("--limit", error.what());
  }
}

double parse_factor(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 1 && value <= 1e6))
    throw QuantityError(fmt::format("'{}' is not a number between 1 and 1000000", text));
  return value;
}

std::uint64_t parse_seed(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw QuantityError(fmt::format("'{}' is not a whole number", text));
  return value;
}

Stop parse_stop(const std::string& text) {
  const auto stop = stop_named(text);
  if (!stop) throw QuantityError(fmt::format("'{}' is none of decided, fail and never", text));
  return *stop;
}

EvidencePlan::Preset parse_preset(const std::string& text) {
  const auto preset = preset_named(text);
  if (!preset) throw QuantityError(fmt::format("'{}' is none of jvm, node and none", text));
  return *preset;
}

}  // namespace

void add_judge_flags(CLI::App& verb, Overrides& overrides) {
  add_quantity(verb, "time", "SOAKLINE_TIME", overrides.time_s, parse_duration,
               "the longest it may take (2h)", "DURATION");
  add_quantity(verb, "warmup", "SOAKLINE_WARMUP", overrides.warmup_s, parse_duration,
               "not judged at the start (time/8)", "DURATION");
  add_quantity(verb, "age", "SOAKLINE_AGE", overrides.age_s, parse_duration, "older is kept (5m or warmup/3)",
               "DURATION");
  add_quantity(verb, "settle", "SOAKLINE_SETTLE", overrides.settle_s, parse_duration,
               "the longest any cache takes to turn over; memory fails no earlier (10m or time/3)",
               "DURATION");
  add_quantity(verb, "compression", "SOAKLINE_COMPRESSION", overrides.compression, parse_factor,
               "production days a soak day stands for (1)", "N");
  add_quantity(verb, "stop", "SOAKLINE_STOP", overrides.stop, parse_stop,
               "when to end early: decided, fail, never", "WHEN");
  verb.add_option_function<std::vector<std::string>>(
          "--limit",
          [&](const std::vector<std::string>& texts) {
            for (const auto& text : texts) add_limit(overrides, text);
          },
          "memory=90MB/day, threads=24/day, descriptors=24/day; repeatable")
      ->type_name("METRIC=DRIFT")
      ->allow_extra_args(false);
}

void add_run_flags(CLI::App& verb, Overrides& overrides) {
  add_judge_flags(verb, overrides);
  add_quantity(verb, "sample", "SOAKLINE_SAMPLE", overrides.sample_s, parse_duration,
               "between samples (1s or warmup/300)", "DURATION");
  add_quantity(verb, "seed", "SOAKLINE_SEED", overrides.seed, parse_seed, "of the load", "N");
  add_quantity(verb, "rate", "SOAKLINE_RATE", overrides.rate_per_s, parse_rate, "of the load, such as 20k/s",
               "RATE");
  add_quantity(verb, "evidence", "SOAKLINE_EVIDENCE", overrides.evidence, parse_preset,
               "what grew by the runtime's own account: jvm, node, or none", "RUNTIME");
  verb.add_flag(
      "--pause", overrides.pause,
      "stop the target while its memory is copied to see who holds what grew (milliseconds; its waiting "
      "calls return EINTR)");
  const auto as_text = [](const std::string& text) { return text; };
  add_quantity(verb, "profile", "SOAKLINE_PROFILE", overrides.profile, as_text,
               "of the scenario file (quick)", "NAME");
  add_quantity(verb, "out", "SOAKLINE_OUT", overrides.out, as_text, "where runs are kept (soak-runs)", "DIR");
}

}  // namespace soakline
