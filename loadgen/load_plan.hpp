// What a run of the load generator shall do, as read from its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/address.hpp"
#include "loadgen/resp_scanner.hpp"
#include "loadgen/schedule.hpp"
#include "units/quantity.hpp"
#include "units/rate_shape.hpp"

namespace soakline {

// When messages are due.
struct Pace {
  std::optional<double> rate_per_s;  // open loop; otherwise closed
  Arrivals arrivals = Arrivals::fixed;
  RateShape shape;  // of an open loop
  Idle idle;        // of an open loop
  // Messages in flight on each connection of a closed loop.
  std::size_t closed_depth = 1;
};

// What a run writes beside its account.
struct Output {
  bool json = false;
  double progress_period_s = 0;  // 0: none asked for
  std::string latency_log;       // a file; empty: none asked for
};

// Files in PEM form; empty: the system's CAs, and no certificate of our own.
struct TlsPlan {
  std::string ca, certificate, key;
  bool verify = true;
};

enum class LoadKind { frames, redis, http };

// A command of a mix and how often it is sent, relative to the others.
struct WeightedCommand {
  double weight = 1;
  std::string text;
};

struct RedisPlan {
  std::vector<WeightedCommand> commands = {{1, "PUBLISH orders {payload}"}};
  Resp resp = Resp::v2;
  std::string user, password;   // AUTH; both empty: none
  bool cluster = false;         // each command goes to the node that has its key
  std::size_t subscribers = 0;  // of the channel that the only command publishes to
};

// A request of a mix, with placeholders.
struct WeightedRequest {
  double weight = 1;
  std::string method = "GET", path = "/", body;
};

struct HttpHeader {
  std::string name, value;
};

struct HttpPlan {
  std::string host;  // as the header says it
  std::vector<WeightedRequest> requests = {{}};
  std::vector<HttpHeader> headers;
  bool close = false;  // a connection a request
};

struct LoadPlan {
  LoadKind kind = LoadKind::frames;
  Address to;
  Pace pace;
  std::size_t connections = 1;
  RedisPlan redis;
  HttpPlan http;
  std::optional<TlsPlan> tls;
  ByteRange payload{64, 64};
  double time_s = 10;
  std::uint64_t seed = 7;
  // Messages that may wait or be unanswered at once, over all connections; more are dropped and counted.
  std::size_t backlog = 1'000'000;
};

}  // namespace soakline
