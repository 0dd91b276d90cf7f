// One socket to redis: it reads for as long as it is open, and lives for as long as it reads.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "scenarios/redis_subscription/endpoint.hpp"

namespace redis_client {

using redis_subscription::Endpoint;

class PhysicalConnection : public std::enable_shared_from_this<PhysicalConnection> {
 public:
  // Called on the loop's thread. A connection that is closed from this side calls nothing any more.
  struct Events {
    std::function<void()> connected;
    std::function<void()> answered;
    std::function<void()> lost;
  };

  PhysicalConnection(boost::asio::io_context& io, Events events);

  // The host of an endpoint must be an address. Throws boost::system::system_error otherwise.
  void open(const Endpoint& endpoint);
  void ping();
  void close();

 private:
  void read();
  void lose();

  boost::asio::generic::stream_protocol::socket socket_;
  Events events_;
  std::vector<char> in_;
};

}  // namespace redis_client
