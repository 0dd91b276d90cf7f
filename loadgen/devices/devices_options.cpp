#include "loadgen/devices/devices_options.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "loadgen/devices/device_socket.hpp"
#include "loadgen/payload.hpp"

namespace soakline {
namespace {

constexpr std::uint32_t most_connections = 1'000'000;
constexpr std::uint32_t descriptors_beside = 32;  // the streams, epoll, signals, a log
constexpr double longest_mqtt_keep_alive_s = 65'535;
// Of one pair of addresses, less those that others use; a port rests for a minute after FIN.
constexpr double ports = 28'000, rest_s = 60;

bool is_topic(const std::string& topic) {
  return !topic.empty() && topic.size() <= 1000 &&
         topic.find_first_of(std::string_view("+#\0", 3)) == topic.npos;
}

// Devices come from one address each: see DeviceTarget.
bool has_own_addresses(const Address& to) {
  return !to.unix_path.empty() || to.host.starts_with("127.") || to.host == "localhost";
}

}  // namespace

DevicesOptions::DevicesOptions(CLI::App& app)
    : command_(
          app.add_subcommand("devices", "thousands of mostly idle connections that keep themselves alive")) {
  common_.declare(*command_);
  CLI::App& command = *command_;
  command.add_option("--protocol", protocol_, "frames (default) or mqtt, which is MQTT 3.1.1");
  command.add_option("--keep-alive", keep_alive_,
                     "how often a device shows that it is there; 0s: never (30s)");
  command.add_option("--payload", payload_, "size of a payload, like 64..512B (64B)");
  command.add_option("--churn", churn_, "so many devices leave and come back, like 100/s, at random times");
  command.add_option("--storm", storm_,
                     "devices that drop at once and all come back, like 1000@30s or 1000@30s/5m");
  command.add_option("--close", close_,
                     "how a device ends its connection: fin (default), as programs do, leaves the port in "
                     "TIME_WAIT for a minute; reset, as a lost network does, frees it");
  command.add_option("--connecting", connecting_,
                     "connects in progress at once; a listener's queue is short (48)");
  command.add_option("--backlog", backlog_,
                     "messages that may wait or be unanswered; more are dropped and counted (1000000)");
  command.add_option("--qos", qos_, "mqtt: quality of service of messages, 0 (default) or 1");
  command.add_option("--subscribers", subscribers_, "mqtt: so many devices subscribe to --topic (0)");
  command.add_option("--topic", topic_,
                     "mqtt: where a device publishes (devices/{device}); {device} is its number");
  command.add_option("--client-id", client_id_, "mqtt: what a device calls itself (soakline{device})");
}

bool DevicesOptions::chosen() const {
  return command_->parsed();
}

DevicesPlan DevicesOptions::plan() const {
  DevicesPlan plan;
  plan.to = read("--to", common_.to, parse_address);
  require(!common_.to.starts_with("redis://"),
          "--to: redis:// is for kind redis; write HOST:PORT or unix:PATH for devices");
  require(common_.connections >= 1 && common_.connections <= most_connections,
          "--connections must be between 1 and 1000000");
  plan.connections = static_cast<std::uint32_t>(common_.connections);
  require(connecting_ >= 1, "--connecting must be at least 1");
  plan.connecting = connecting_;
  read_protocol(plan);
  read_messages(plan);
  read_churn(plan);
  plan.time_s = common_.time_s();
  plan.seed = common_.seed;
  require(common_.latency_log.empty(), "--latency-log is not for devices; leave it out");
  require_ports_and_descriptors(plan);
  return plan;
}

void DevicesOptions::read_protocol(DevicesPlan& plan) const {
  require(protocol_ == "frames" || protocol_ == "mqtt",
          fmt::format("--protocol: '{}' is not known; write frames or mqtt", protocol_));
  plan.keep_alive_s = read("--keep-alive", keep_alive_, parse_duration);
  if (protocol_ == "frames") {
    for (const char* flag : {"--qos", "--subscribers", "--topic", "--client-id"})
      require(command_->count(flag) == 0, fmt::format("{} goes with --protocol mqtt", flag));
    return;
  }
  plan.protocol = DevicesPlan::Protocol::mqtt;
  require(plan.keep_alive_s <= longest_mqtt_keep_alive_s, "--keep-alive must be at most 65535s with MQTT");
  require(qos_ == 0 || qos_ == 1, "--qos must be 0 or 1");
  require(is_topic(topic_), "--topic must not be empty, nor hold + or #, nor be longer than 1000 bytes");
  require(!client_id_.empty() && client_id_.size() <= 1000, "--client-id must have 1 to 1000 bytes");
  require(plan.connections == 1 || client_id_.find("{device}") != client_id_.npos,
          "--client-id must hold {device}: the server hangs up on one of two that have the same");
  require(subscribers_ <= plan.connections, "--subscribers must not be more than --connections");
  plan.qos = qos_;
  plan.topic = topic_;
  plan.client_id = client_id_;
  plan.subscribers = subscribers_;
}

void DevicesOptions::read_messages(DevicesPlan& plan) const {
  if (!payload_.empty()) plan.payload = read("--payload", payload_, parse_byte_range);
  require(plan.payload.most <= Payload::largest, "--payload may be 16 MiB at most");
  require(backlog_ >= plan.connections,
          fmt::format("--backlog must be at least {} for these connections", plan.connections));
  plan.backlog = backlog_;
  if (command_->count("--rate") > 0) {
    plan.messages = common_.open_loop();
    return;
  }
  for (const char* flag : {"--arrivals", "--shape", "--idle", "--payload"})
    require(command_->count(flag) == 0, fmt::format("{} goes with --rate", flag));
}

void DevicesOptions::read_churn(DevicesPlan& plan) const {
  if (!churn_.empty()) plan.churn_per_s = read("--churn", churn_, parse_rate);
  require(churn_.empty() || (plan.churn_per_s > 0 && plan.churn_per_s <= 1e6),
          "--churn must be above 0 and at most 1M/s");
  if (!storm_.empty()) plan.storms = read("--storm", storm_, parse_storm_plan);
  require(!plan.storms || plan.storms->devices <= plan.connections,
          "--storm must not drop more devices than there are --connections");
  require(close_ == "fin" || close_ == "reset",
          fmt::format("--close: '{}' is not known; write fin or reset", close_));
  plan.closing = close_ == "reset" ? Closing::reset : Closing::fin;
}

void DevicesOptions::require_ports_and_descriptors(const DevicesPlan& plan) const {
  const std::uint64_t allowed = raise_descriptor_limit();
  require(
      plan.connections + descriptors_beside <= allowed,
      fmt::format("--connections {} needs {} descriptors and this process may have {}; raise the hard limit "
                  "(ulimit -Hn, or LimitNOFILE= of a unit), or give {} at most",
                  plan.connections, plan.connections + descriptors_beside, allowed,
                  allowed - std::min<std::uint64_t>(allowed, descriptors_beside)));
  const double resting = plan.closing == Closing::fin ? plan.churn_per_s * rest_s : 0;
  require(has_own_addresses(plan.to) || plan.connections + resting <= ports,
          fmt::format(
              "{} connections and {:.0f} ports that rest after --churn with --close fin are more than the "
              "28000 between this host and one other; give --close reset, or less of them",
              plan.connections, resting));
}

}  // namespace soakline
