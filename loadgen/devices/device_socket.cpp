#include "loadgen/devices/device_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "loadgen/load_run.hpp"

namespace soakline {
namespace {

constexpr std::uint32_t loopback_network = 127U << 24;

const sockaddr* as_socket_address(const void* address) {
  return static_cast<const sockaddr*>(address);
}

bool is_loopback(const sockaddr_storage& endpoint) {
  sockaddr_in address{};
  std::memcpy(&address, &endpoint, sizeof address);
  return endpoint.ss_family == AF_INET && ntohl(address.sin_addr.s_addr) >> 24 == 127;
}

void set(int socket, int level, int option) {
  const int on = 1;
  setsockopt(socket, level, option, &on, sizeof on);
}

bool lets_in(const addrinfo& endpoint) {
  const int socket = ::socket(endpoint.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{5, 0};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const bool connected = connect(socket, endpoint.ai_addr, endpoint.ai_addrlen) == 0;
  close(socket);
  return connected;
}

// The port is chosen when it connects, so that it need only differ from others of the same pair of addresses.
bool come_from(int socket, std::uint32_t source) {
  set(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(source);
  return bind(socket, as_socket_address(&own), sizeof own) == 0;
}

}  // namespace

DeviceTarget::DeviceTarget(const Address& address) {
  if (!address.unix_path.empty()) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.unix_path.copy(name.sun_path, sizeof name.sun_path - 1);
    size_ = sizeof name;
    std::memcpy(&endpoint_, &name, size_);
    return;
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found); error != 0)
    throw LoadError(fmt::format("cannot connect to {}: {}; correct --to", address.text, gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found, freeaddrinfo);
  const addrinfo* chosen = found;
  if (found->ai_next != nullptr)
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next)
      if (lets_in(*one)) {
        chosen = one;
        break;
      }
  size_ = chosen->ai_addrlen;
  std::memcpy(&endpoint_, chosen->ai_addr, size_);
}

DeviceTarget::Attempt DeviceTarget::connect(std::uint32_t device) const {
  const int socket = ::socket(endpoint_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return {-1, errno};
  if (endpoint_.ss_family != AF_UNIX) set(socket, IPPROTO_TCP, TCP_NODELAY);
  const bool bound = !is_loopback(endpoint_) || come_from(socket, loopback_source(device));
  if (bound && ::connect(socket, as_socket_address(&endpoint_), size_) == 0) return {socket, 0};
  const int error = errno;
  if (bound && error == EINPROGRESS) return {socket, error};
  close(socket);
  return {-1, error};
}

std::uint32_t loopback_source(std::uint32_t device) {
  // 254 a block of 256: neither its network's address nor its broadcast address. Some 16 million in all.
  constexpr std::uint32_t hosts = 254, first_block = 256, blocks = 65'000;
  const std::uint32_t block = first_block + device / hosts % blocks;
  return loopback_network | block << 8 | (1 + device % hosts);
}

int connect_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

void close_socket(int socket, Closing how) {
  if (how == Closing::reset) {
    const linger at_once{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  close(socket);
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}  // namespace soakline
