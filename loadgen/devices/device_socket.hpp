// The sockets of devices: made, connected from an address of their own, ended, and how many there may be.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "loadgen/address.hpp"
#include "loadgen/devices/devices_plan.hpp"

namespace soakline {

// Where all devices connect to.
class DeviceTarget {
 public:
  // Of the endpoints that the address stands for the first that lets somebody in, or the first of all.
  // LoadError when its host is not known.
  explicit DeviceTarget(const Address& address);

  struct Attempt {
    int socket = -1;
    int error = 0;  // an errno; the socket is closed. 0: connected, EINPROGRESS: writable once it is
  };
  // Without waiting. To an address of 127.0.0.0/8 each device comes from one of its own there, since one pair
  // of addresses has only some 28,000 ports, and those of connections it has closed rest for a minute.
  Attempt connect(std::uint32_t device) const;

 private:
  sockaddr_storage endpoint_{};
  socklen_t size_ = 0;
};

// The address a device has in 127.0.0.0/8, host byte order: 127.1.0.1 for the first.
std::uint32_t loopback_source(std::uint32_t device);

// What became of a connect in progress: an errno, 0 when it is connected.
int connect_error(int socket);
void close_socket(int socket, Closing how);

// Raises this process's soft limit to its hard one; how many descriptors it may have then.
std::uint64_t raise_descriptor_limit();

}  // namespace soakline
