#include "harness/run_json.hpp"

#include <algorithm>
#include <stdexcept>

#include "harness/device_load.hpp"

namespace soakline {
namespace {

using Json = nlohmann::json;

Json optional(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> optional_from(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<double>();
}

std::vector<std::string> names(const std::vector<Metric>& metrics) {
  std::vector<std::string> result;
  for (const Metric metric : metrics) result.emplace_back(name_of(metric));
  return result;
}

template <class Value>
Value named(const std::optional<Value>& value, const std::string& name) {
  if (!value) throw std::invalid_argument("unknown name '" + name + "'");
  return *value;
}

Outcome outcome_named(const std::string& name) {
  for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::caught, Outcome::not_caught,
                                Outcome::inconclusive, Outcome::invalid})
    if (name_of(outcome) == name) return outcome;
  throw std::invalid_argument("unknown outcome '" + name + "'");
}

Json to_json(const BaselineComparison& baseline) {
  Json quantities = Json::array();
  for (const BaselineQuantity& q : baseline.quantities)
    quantities.push_back({{"quantity", q.quantity},
                          {"unit", q.unit},
                          {"value", q.value},
                          {"mean", q.mean},
                          {"low", q.low},
                          {"high", q.high},
                          {"verdict", name_of(q.verdict)}});
  return {{"status", baseline.status},
          {"message", baseline.message},
          {"runs", baseline.runs},
          {"quantities", quantities}};
}

BaselineComparison baseline_from(const Json& json) {
  BaselineComparison baseline{
      json.value("status", "none"), json.value("message", ""), json.value("runs", 0), {}};
  for (const Json& q : json.value("quantities", Json::array())) {
    const std::string verdict = q.at("verdict");
    baseline.quantities.push_back({q.at("quantity"), q.at("unit"), q.at("value"), q.at("mean"), q.at("low"),
                                   q.at("high"), named(verdict_named(verdict), verdict)});
  }
  return baseline;
}

Json to_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Interval interval_from(const Json& json) {
  return {json.at("value"), json.at("low"), json.at("high")};
}

Json to_json(const GrowthParts& parts) {
  return {{"per_operation", to_json(parts.per_operation)},
          {"per_idle_hour", to_json(parts.per_idle_hour)},
          {"per_day", parts.per_day ? to_json(*parts.per_day) : Json()}};
}

GrowthParts parts_from(const Json& json) {
  GrowthParts parts{interval_from(json.at("per_operation")), interval_from(json.at("per_idle_hour")), {}};
  if (json.contains("per_day") && json.at("per_day").is_object())
    parts.per_day = interval_from(json.at("per_day"));
  return parts;
}

MetricVerdict metric_from(const Json& json) {
  MetricVerdict metric;
  const std::string name = json.at("metric"), verdict = json.at("verdict");
  metric.metric = named(metric_named(name), name);
  metric.verdict = named(verdict_named(verdict), verdict);
  metric.signal = json.value("signal", "");
  metric.drift_per_day = optional_from(json, "drift_per_day");
  metric.low = optional_from(json, "low");
  metric.high = optional_from(json, "high");
  metric.limit = json.value("limit", 0.0);
  metric.tolerated = json.value("tolerated", 0.0);
  metric.smallest_found_per_day = optional_from(json, "smallest_found_per_day");
  metric.settle_s = optional_from(json, "settle_s");
  metric.decided_at_s = optional_from(json, "decided_at_s");
  if (json.contains("shape") && json.at("shape").is_string()) {
    const std::string shape = json.at("shape");
    metric.shape = named(shape_named(shape), shape);
  }
  if (json.contains("parts") && json.at("parts").contains("per_idle_hour"))
    metric.parts = parts_from(json.at("parts"));
  metric.reason = json.value("reason", "");
  return metric;
}

Limit limit_from(const Json& json) {
  return {json.at("fail"), json.at("tolerate"), json.value("asked", false)};
}

JudgeSettings settings_from(const Json& json) {
  JudgeSettings settings;
  settings.time_s = json.at("time_s");
  settings.warmup_s = json.at("warmup_s");
  settings.age_s = json.at("age_s");
  settings.settle_s = json.at("settle_s");
  settings.compression = json.at("compression");
  settings.page_bytes = json.value("page_bytes", 4096.0);
  settings.operations_per_day = optional_from(json, "operations_per_day");
  settings.collected_by = json.value("collected_by", "");
  settings.memory = limit_from(json.at("limits").at("memory"));
  settings.threads = limit_from(json.at("limits").at("threads"));
  settings.descriptors = limit_from(json.at("limits").at("descriptors"));
  const std::string stop = json.at("stop");
  settings.stop = named(stop_named(stop), stop);
  for (const auto& name : json.value("must_fail", std::vector<std::string>()))
    settings.must_fail.push_back(named(metric_named(name), name));
  const auto positive = [](double value) { return value > 0 && value < 1e9; };
  const auto possible_limit = [](const Limit& limit) {
    return limit.fail > 0 && limit.fail < 1e18 && limit.tolerate >= 0 && limit.tolerate <= limit.fail;
  };
  const bool possible = positive(settings.time_s) && positive(settings.warmup_s) &&
                        positive(settings.age_s) && settings.settle_s >= 0 && settings.compression >= 1 &&
                        settings.compression <= 1e6 && positive(settings.page_bytes) &&
                        possible_limit(settings.memory) && possible_limit(settings.threads) &&
                        possible_limit(settings.descriptors);
  if (!possible) throw std::invalid_argument("its settings hold impossible values");
  return settings;
}

Json requests_json(const HttpRequests& http) {
  return {{"method", http.method}, {"path", http.path},       {"body", http.body},
          {"mix", http.mix},       {"headers", http.headers}, {"close", http.close}};
}

// The timeline as planned; when faults began and ended stands in events.jsonl.
Json faults_json(const Scenario& scenario) {
  const auto timeline = fault_timeline(scenario.faults, scenario.seed, scenario.settings.time_s);
  if (timeline.empty()) return nullptr;
  Json faults = Json::array();
  for (const Fault& fault : timeline) {
    Json json = {{"kind", name_of(fault.kind)},
                 {"on", fault.on},
                 {"begin_s", fault.begin_s},
                 {"end_s", fault.end_s},
                 {"recover_s", fault.recover_s}};
    for (const auto& [name, value] : fault.parameters)
      std::visit([&, &key = name](const auto& known) { json[key] = known; }, value);
    faults.push_back(std::move(json));
  }
  return {{"hash", hash_of(timeline)}, {"timeline", std::move(faults)}};
}

}  // namespace

Json to_json(const Limit& limit) {
  return {{"fail", limit.fail}, {"tolerate", limit.tolerate}, {"asked", limit.asked}};
}

Json to_json(const JudgeSettings& s) {
  return {{"time_s", s.time_s},
          {"warmup_s", s.warmup_s},
          {"age_s", s.age_s},
          {"settle_s", s.settle_s},
          {"compression", s.compression},
          {"page_bytes", s.page_bytes},
          {"operations_per_day", optional(s.operations_per_day)},
          {"collected_by", s.collected_by},
          {"limits",
           {{"memory", to_json(s.memory)},
            {"threads", to_json(s.threads)},
            {"descriptors", to_json(s.descriptors)}}},
          {"stop", name_of(s.stop)},
          {"must_fail", names(s.must_fail)}};
}

Json to_json(const MetricVerdict& m) {
  return {{"metric", name_of(m.metric)},
          {"verdict", name_of(m.verdict)},
          {"signal", m.signal},
          {"drift_per_day", optional(m.drift_per_day)},
          {"low", optional(m.low)},
          {"high", optional(m.high)},
          {"limit", m.limit},
          {"tolerated", m.tolerated},
          {"smallest_found_per_day", optional(m.smallest_found_per_day)},
          {"settle_s", optional(m.settle_s)},
          {"decided_at_s", optional(m.decided_at_s)},
          {"shape", m.shape ? Json(name_of(*m.shape)) : Json()},
          {"parts", m.parts ? to_json(*m.parts) : Json()},
          {"reason", m.reason}};
}

Json to_json(const Evidence& evidence) {
  return {{"metric", name_of(evidence.metric)},
          {"kind", evidence.kind},
          {"per_day", evidence.per_day},
          {"share", evidence.share},
          {"survival", optional(evidence.survival)},
          {"frames", evidence.frames},
          {"sites", evidence.sites}};
}

Json to_json(const RunInfo& info) {
  return {{"scenario", info.scenario},
          {"variant", info.variant},
          {"why", info.why},
          {"profile", info.profile},
          {"command", info.command},
          {"seed", info.seed},
          {"sample_s", info.sample_s},
          {"settings", to_json(info.settings)},
          {"started_at", info.started_at},
          {"environment", info.environment},
          {"resolved", info.resolved}};
}

Json to_json(const RunResult& result) {
  Json metrics = Json::array(), evidence = Json::array();
  for (const MetricVerdict& metric : result.metrics) metrics.push_back(to_json(metric));
  for (const Evidence& piece : result.evidence) evidence.push_back(to_json(piece));
  return {{"verdict", name_of(result.verdict)},
          {"outcome", name_of(result.outcome)},
          {"exit", result.exit},
          {"ended_at_s", result.ended_at_s},
          {"decided_at_s", optional(result.decided_at_s)},
          {"message", result.message},
          {"metrics", metrics},
          {"evidence", evidence},
          {"baseline", to_json(result.baseline)},
          {"load", result.load}};
}

Json summary_json(const RunInfo& info, const RunResult& result) {
  Json json = to_json(result);
  json["scenario"] = info.scenario;
  json["variant"] = info.variant;
  json["compression"] = info.settings.compression;
  json["seed"] = info.seed;
  if (!info.folder.empty()) json["folder"] = info.folder.string();
  auto metrics = result.metrics;
  const auto badness = [](const MetricVerdict& m) {
    constexpr std::array order = {Verdict::fail, Verdict::invalid, Verdict::inconclusive, Verdict::pass,
                                  Verdict::not_judged};
    return std::find(order.begin(), order.end(), m.verdict);
  };
  std::stable_sort(metrics.begin(), metrics.end(),
                   [&](const auto& a, const auto& b) { return badness(a) < badness(b); });
  json["metrics"] = Json::array();
  for (const MetricVerdict& metric : metrics) json["metrics"].push_back(to_json(metric));
  return json;
}

Json resolved_json(const Scenario& scenario) {
  Json services = Json::object();
  for (const Service& service : scenario.services)
    services[service.name] = service.kind == Service::Kind::private_redis ? Json("private redis-server")
                             : service.kind == Service::Kind::url         ? Json(service.url)
                                                                          : Json(service.command.arguments);
  const LoadPlan& load = scenario.load;
  constexpr std::array kinds = {"none", "redis", "frames", "devices", "http", "command"};
  constexpr std::array presets = {"none", "jvm", "node"};
  return {{"name", scenario.name},
          {"file", scenario.file.string()},
          {"target", scenario.target.attach_pid ? Json(*scenario.target.attach_pid)
                                                : Json(scenario.target.command.arguments)},
          {"services", services},
          {"load",
           {{"kind", kinds.at(static_cast<std::size_t>(load.kind))},
            {"rate_per_s", optional(load.rate_per_s)},
            {"closed", load.closed_depth ? Json(*load.closed_depth) : Json(nullptr)},
            {"arrivals", load.arrivals},
            {"idle_s", load.idle ? Json{load.idle->from_s, load.idle->until_s} : Json(nullptr)},
            {"payload", load.payload},
            {"connections", load.connections},
            {"channel", load.channel},
            {"commands", load.commands},
            {"subscribers", load.subscribers},
            {"shape", load.shape},
            {"to", load.to},
            {"request", load.kind == LoadPlan::Kind::http ? requests_json(load.http) : Json(nullptr)},
            {"command", load.program.command.arguments},
            {"devices", load.kind == LoadPlan::Kind::devices ? Json(devices_text(load)) : Json(nullptr)}}},
          {"evidence",
           {{"preset", presets.at(static_cast<std::size_t>(scenario.evidence.preset))},
            {"command", scenario.evidence.command},
            {"within_s", scenario.evidence.within_s},
            {"pause", scenario.evidence.looking == Looking::paused}}},
          {"faults", faults_json(scenario)},
          {"operations_per_day", optional(scenario.settings.operations_per_day)}};
}

RunInfo run_info_from(const Json& json) {
  RunInfo info;
  info.scenario = json.at("scenario");
  info.variant = json.at("variant");
  info.why = json.value("why", "");
  info.profile = json.value("profile", "");
  info.command = json.value("command", std::vector<std::string>());
  info.seed = json.value("seed", std::uint64_t{0});
  info.sample_s = json.value("sample_s", 1.0);
  info.settings = settings_from(json.at("settings"));
  info.started_at = json.value("started_at", "");
  info.environment = json.value("environment", std::map<std::string, std::string>());
  info.resolved = json.value("resolved", Json::object());
  return info;
}

RunResult run_result_from(const Json& json) {
  RunResult result;
  const std::string verdict = json.at("verdict");
  result.verdict = named(verdict_named(verdict), verdict);
  result.outcome = outcome_named(json.at("outcome"));
  result.exit = json.at("exit");
  result.ended_at_s = json.value("ended_at_s", 0.0);
  result.decided_at_s = optional_from(json, "decided_at_s");
  result.message = json.value("message", "");
  result.load = json.value("load", Json());
  for (const Json& metric : json.value("metrics", Json::array()))
    result.metrics.push_back(metric_from(metric));
  for (const Json& e : json.value("evidence", Json::array())) {
    const std::string metric = e.at("metric");
    result.evidence.push_back({named(metric_named(metric), metric), e.at("kind"), e.at("per_day"),
                               e.at("share"), e.at("frames"), optional_from(e, "survival"),
                               e.value("sites", std::vector<std::uint32_t>())});
  }
  if (json.contains("baseline")) result.baseline = baseline_from(json.at("baseline"));
  return result;
}

}  // namespace soakline
