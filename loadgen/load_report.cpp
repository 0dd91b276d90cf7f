#include "loadgen/load_report.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "units/quantity.hpp"

namespace soakline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, double>, 5> quantiles = {
    {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}}};

double microseconds(std::int64_t ns) {
  return std::round(static_cast<double>(ns) / 100.0) / 10.0;
}

Json latency_json(const LatencyHistogram& latency) {
  const auto value = [&](std::int64_t ns) { return latency.count() > 0 ? Json(microseconds(ns)) : Json(); };
  Json json;
  for (const auto& [name, q] : quantiles) json[std::string(name)] = value(latency.quantile_ns(q));
  json["max"] = value(latency.max_ns());
  return json;
}

Json counts_json(const Ledger& ledger) {
  return {{"offered", ledger.offered},
          {"sent", ledger.sent},
          {"answered", ledger.answered},
          {"failed", ledger.failed},
          {"dropped", ledger.dropped}};
}

constexpr std::array<std::string_view, 6> status_classes = {"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::size_t first_class = 2;  // what comes before is no answer

Json http_json(const HttpAccount& http) {
  Json json = {{"connections", http.connections}, {"repeated", http.repeated}};
  for (std::size_t i = first_class; i < status_classes.size(); ++i)
    json[std::string(status_classes[i])] = http.by_class[i];
  return json;
}

std::string http_text(const HttpAccount& http) {
  std::string text = fmt::format("connections {}  repeated {}", http.connections, http.repeated);
  for (std::size_t i = first_class; i < status_classes.size(); ++i)
    text += fmt::format("  {} {}", status_classes[i], http.by_class[i]);
  return text + "\n";
}

Json deliveries_json(const Deliveries& deliveries) {
  const auto account = deliveries.account();
  return {{"published", account.published},   {"delivered", account.delivered},
          {"explained", account.explained},   {"lost", account.lost},
          {"duplicated", account.duplicated}, {"corrupted", account.corrupted},
          {"reordered", account.reordered}};
}

std::string deliveries_text(const Deliveries::Account& account) {
  return fmt::format(
      "published {}  delivered {}  explained {}  lost {}  duplicated {}  corrupted {}  reordered {}\n",
      account.published, account.delivered, account.explained, account.lost, account.duplicated,
      account.corrupted, account.reordered);
}

// Messages and deliveries of which nobody knows what became of them.
std::uint64_t unexplained(const LoadResult& result) {
  return result.ledger.unexplained() + (result.deliveries ? result.deliveries->account().lost : 0);
}

std::string duration_text(std::int64_t ns) {
  const auto value = static_cast<double>(ns);
  if (ns < 1'000'000) return fmt::format("{:.1f} us", value / 1e3);
  return ns < 1'000'000'000 ? fmt::format("{:.1f} ms", value / 1e6) : fmt::format("{:.2f} s", value / 1e9);
}

std::string latency_text(std::string_view name, const LatencyHistogram& latency) {
  std::string text = fmt::format("{:<20}", name);
  if (latency.count() == 0) return text + "  no sample\n";
  for (const auto& [quantile, q] : quantiles)
    text += fmt::format("  {} {}", quantile, duration_text(latency.quantile_ns(q)));
  return text + fmt::format("  max {}\n", duration_text(latency.max_ns()));
}

}  // namespace

std::string progress_json(double t_s, bool idle, const LoadResult& result) {
  Json json = {{"t", std::round(t_s * 1e3) / 1e3}, {"idle", idle}};
  json.update(counts_json(result.ledger));
  if (result.deliveries) json["deliveries"] = deliveries_json(*result.deliveries);
  json["latency_from_intended_us"] = latency_json(result.ledger.from_intended);
  json["invalid_because"] = reasons_against(result.self);
  return json.dump();
}

std::string result_json(const LoadResult& result, std::uint64_t seed) {
  const Ledger& ledger = result.ledger;
  Json json = counts_json(ledger);
  json["unexplained"] = unexplained(result);
  if (ledger.corrupted + ledger.duplicated > 0) {
    json["corrupted"] = ledger.corrupted;
    json["duplicated"] = ledger.duplicated;
  }
  if (result.deliveries) {
    json["deliveries"] = deliveries_json(*result.deliveries);
    json["delivery_from_intended_us"] = latency_json(result.deliveries->from_intended());
  }
  if (result.http) json["http"] = http_json(*result.http);
  json["latency_from_intended_us"] = latency_json(ledger.from_intended);
  json["latency_from_sent_us"] = latency_json(ledger.from_sent);
  json["lateness_us"] = latency_json(ledger.lateness);
  json["cpu_s"] = std::round(result.cpu_s() * 1e4) / 1e4;
  json["seed"] = seed;
  json["stream_hash"] = result.stream_hash;
  json["valid"] = reasons_against(result.self).empty();
  json["invalid_because"] = reasons_against(result.self);
  return json.dump();
}

std::string result_text(const LoadResult& result, std::uint64_t seed) {
  const Ledger& ledger = result.ledger;
  std::string text =
      fmt::format("offered {}  sent {}  answered {}  failed {}  dropped {}  unexplained {}\n", ledger.offered,
                  ledger.sent, ledger.answered, ledger.failed, ledger.dropped, unexplained(result));
  if (result.deliveries) text += deliveries_text(result.deliveries->account());
  if (result.http) text += http_text(*result.http);
  text += latency_text("intended to answer", ledger.from_intended);
  text += latency_text("sending to answer", ledger.from_sent);
  text += latency_text("intended to sending", ledger.lateness);
  if (result.deliveries) text += latency_text("intended to delivery", result.deliveries->from_intended());
  text += fmt::format(
      "{} answered/s over {}, {:.2f} s of CPU, seed {}, stream {}",
      format_count(result.lasted_s() > 0 ? static_cast<double>(ledger.answered) / result.lasted_s() : 0),
      format_duration(result.lasted_s()), result.cpu_s(), seed, result.stream_hash);
  for (const std::string& reason : reasons_against(result.self)) text += "\nINVALID: " + reason;
  return text;
}

}  // namespace soakline
