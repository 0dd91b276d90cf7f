#include "loadgen/message_options.hpp"

#include <charconv>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "loadgen/greeting.hpp"
#include "loadgen/payload.hpp"
#include "loadgen/redis_command.hpp"
#include "loadgen/tls_session.hpp"

namespace soakline {
namespace {

CLI::App* subcommand(CLI::App& app, LoadKind kind) {
  switch (kind) {
    case LoadKind::redis:
      return app.add_subcommand("redis", "commands to a redis server");
    case LoadKind::http:
      return app.add_subcommand("http", "HTTP/1.1 requests, one at a time on each connection");
    case LoadKind::frames:
      break;
  }
  return app.add_subcommand("frames", "frames of a length and a payload, each echoed");
}

}  // namespace

MessageOptions::MessageOptions(CLI::App& app, LoadKind kind) : kind_(kind), command_(subcommand(app, kind)) {
  common_.declare(*command_);
  command_->add_option("--closed", closed_, "closed loop: messages in flight on each connection");
  command_->add_option("--payload", payload_, "size of a payload, like 64..512B (64B)");
  command_->add_option("--backlog", backlog_,
                       "messages that may wait or be unanswered; more are dropped and counted (1000000)");
  if (kind == LoadKind::redis) declare_redis();
  if (kind == LoadKind::http) http_.declare(*command_);
}

void MessageOptions::declare_redis() {
  command_->add_option(
      "--command", commands_,
      "what to send ('PUBLISH orders {payload}'); {uniform:N} and {zipf:N} are numbers below N. Again "
      "for a mix: '3:GET key:{zipf:1000}' is sent three times as often as others");
  command_->add_option("--subscribers", subscribers_,
                       "connections that subscribe to the channel, and account for every message");
  command_->add_option("--resp", resp_, "the protocol's version: 2 (default) or 3");
  command_->add_option("--user", user_, "AUTH as this user; the password is SOAKLINE_REDIS_PASSWORD");
  command_->add_flag("--cluster", cluster_,
                     "a cluster that --to is a node of: each command goes to the node that has its key, and "
                     "--connections go to every node");
  command_->add_flag("--tls", with_tls_, "TLS; the server's certificate must be its own and trusted");
  command_->add_option("--tls-ca", tls_.ca, "whom to trust, a PEM file (the system's CAs)");
  command_->add_option("--tls-cert", tls_.certificate, "our own certificate, a PEM file");
  command_->add_option("--tls-key", tls_.key, "its key, a PEM file");
  command_->add_flag("--tls-insecure", insecure_, "any certificate will do");
}

bool MessageOptions::chosen() const {
  return command_->parsed();
}

LoadPlan MessageOptions::plan() const {
  LoadPlan plan;
  plan.kind = kind_;
  read_pace(plan);
  read_messages(plan);
  read_to(plan);
  require(common_.connections >= 1 && common_.connections <= 10'000,
          "--connections must be between 1 and 10000");
  plan.connections = common_.connections;
  plan.backlog = backlog_;
  const std::size_t least_backlog = plan.connections * (plan.pace.rate_per_s ? 1 : plan.pace.closed_depth);
  require(plan.backlog >= least_backlog,
          fmt::format("--backlog must be at least {} for these connections", least_backlog));
  plan.time_s = common_.time_s();
  plan.seed = common_.seed;
  return plan;
}

void MessageOptions::read_to(LoadPlan& plan) const {
  if (kind_ == LoadKind::http) return http_.read_into(plan, common_.to, !payload_.empty());
  plan.to = read("--to", common_.to, parse_address);
  require(kind_ == LoadKind::redis || !common_.to.starts_with("redis://"),
          "--to: redis:// is for kind redis; write HOST:PORT or unix:PATH for frames");
}

void MessageOptions::read_pace(LoadPlan& plan) const {
  const bool open = command_->count("--rate") > 0;
  const bool closed = command_->count("--closed") > 0;
  require(open != closed, open ? "--rate and --closed exclude each other; give one of them"
                               : "how fast? give --rate, like 20k/s, or --closed DEPTH");
  if (open) {
    plan.pace = common_.open_loop();
    return;
  }
  require(closed_ >= 1 && closed_ <= 100'000, "--closed must be between 1 and 100000 messages in flight");
  for (const auto& [flag, text] :
       {std::pair{"--arrivals", &common_.arrivals}, {"--shape", &common_.shape}, {"--idle", &common_.idle}})
    require(text->empty(), fmt::format("{} goes with --rate; leave it out with --closed", flag));
  require(kind_ != LoadKind::http || closed_ == 1,
          "--closed must be 1: a connection has one request in flight; give more --connections");
  plan.pace.closed_depth = closed_;
}

void MessageOptions::read_messages(LoadPlan& plan) const {
  if (!payload_.empty()) plan.payload = read("--payload", payload_, parse_byte_range);
  require(plan.payload.most <= Payload::largest, "--payload may be 16 MiB at most");
  if (kind_ != LoadKind::redis) return;
  read_redis(plan.redis, plan.payload);
  require(!cluster_ || plan.to.unix_path.empty(), "--cluster needs a node's HOST:PORT for --to");
  plan.tls = read_tls(plan.to.host);
  bool has_payload = false;
  for (const auto& command : plan.redis.commands)
    has_payload |= read("--command", command.text, [](const std::string& text) {
                     return RedisCommand(text);
                   }).has_payload();
  require(payload_.empty() || has_payload, "--payload has no effect: no --command has {payload}");
}

// "3:GET key" is sent three times as often as "SET key {payload}".
WeightedCommand MessageOptions::weighted(const std::string& text) {
  const auto colon = text.find_first_of(": \t");
  double weight = 0;
  const char* begin = text.data();
  const char* end = begin + std::min(colon, text.size());
  if (colon == std::string::npos || text[colon] != ':' || std::from_chars(begin, end, weight).ptr != end ||
      colon == 0)
    return {1, text};
  require(weight > 0 && weight <= 1e6, fmt::format("--command: the weight of '{}' must be above 0", text));
  return {weight, text.substr(colon + 1)};
}

void MessageOptions::read_redis(RedisPlan& redis, ByteRange payload) const {
  if (!commands_.empty()) {
    redis.commands.clear();
    for (const auto& command : commands_) redis.commands.push_back(weighted(command));
  }
  require(resp_ == 2 || resp_ == 3, "--resp must be 2 or 3");
  redis.resp = resp_ == 3 ? Resp::v3 : Resp::v2;
  redis.user = user_;
  if (const char* password = std::getenv("SOAKLINE_REDIS_PASSWORD")) redis.password = password;
  require(user_.empty() || !redis.password.empty(),
          "--user needs a password: put it into the environment as SOAKLINE_REDIS_PASSWORD");
  redis.cluster = cluster_;
  redis.subscribers = subscribers_;
  require(!cluster_ || subscribers_ == 0, "--subscribers do not work with --cluster; leave one of them out");
  if (subscribers_ == 0) return;
  require(subscribers_ <= 10'000, "--subscribers may be 10000 at most");
  require(!published_channel(redis).empty(),
          "--subscribers needs one --command that publishes to one channel, like 'PUBLISH orders {payload}'");
  require(
      payload.least >= Stamp::size,
      fmt::format("--subscribers needs payloads of at least {} B, which have room for their number and CRC",
                  Stamp::size));
}

std::optional<TlsPlan> MessageOptions::read_tls(const std::string& host) const {
  for (const char* flag : {"--tls-ca", "--tls-cert", "--tls-key", "--tls-insecure"})
    require(with_tls_ || command_->count(flag) == 0, fmt::format("{} goes with --tls", flag));
  if (!with_tls_) return std::nullopt;
  require(tls_.certificate.empty() == tls_.key.empty(), "--tls-cert and --tls-key go together; give both");
  require(!insecure_ || tls_.ca.empty(), "--tls-ca and --tls-insecure exclude each other; give one of them");
  TlsPlan plan = tls_;
  plan.verify = !insecure_;
  try {
    TlsContext(plan, host);
  } catch (const TlsError& error) {
    throw UsageError(error.what());
  }
  return plan;
}

}  // namespace soakline
