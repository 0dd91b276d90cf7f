#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_subscription {
namespace {

// Sockets are held until all ports are known, so that the ports differ.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<int> held;
  std::vector<std::uint16_t> ports;
  while (ports.size() < count) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    held.push_back(socket);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket, generic, size) != 0 || ::getsockname(socket, generic, &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "no free port");
    }
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int socket : held) ::close(socket);
  return ports;
}

struct Node {
  std::unique_ptr<PrivateRedis> redis;
  std::string port;
  std::string bus_port;
};

// A port found free may be taken before the server binds it: then other ones are tried.
Node start_node(const char* first_slot, const char* last_slot) {
  for (int attempt = 1;; ++attempt) {
    const auto ports = free_ports(2);
    Node node{.redis = nullptr, .port = std::to_string(ports[0]), .bus_port = std::to_string(ports[1])};
    try {
      const Endpoint endpoint{.socket_path = {}, .host = "127.0.0.1", .port = ports[0]};
      node.redis = std::make_unique<PrivateRedis>(
          endpoint, std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-port", node.bus_port});
    } catch (const std::runtime_error&) {
      if (attempt == 5) throw;
      continue;
    }
    node.redis->command({"CLUSTER", "ADDSLOTSRANGE", first_slot, last_slot});
    return node;
  }
}

bool is_well(const PrivateRedis& node) {
  const std::string info = node.command({"CLUSTER", "INFO"}).text;
  return info.find("cluster_state:ok") != std::string::npos &&
         info.find("cluster_slots_ok:16384") != std::string::npos;
}

}  // namespace

PrivateCluster start_cluster() {
  Node lower = start_node("0", "8191");
  Node upper = start_node("8192", "16383");
  lower.redis->command({"CLUSTER", "MEET", "127.0.0.1", upper.port, upper.bus_port});
  if (!wait_until([&] { return is_well(*lower.redis) && is_well(*upper.redis); })) {
    throw std::runtime_error("the two nodes make no cluster");
  }
  return {.lower = std::move(lower.redis), .upper = std::move(upper.redis)};
}

}  // namespace redis_subscription
