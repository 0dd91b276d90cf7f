// A redis-server of one's own, for tests and measurements: in a fresh directory, without persistence.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scenarios/redis_subscription/child_process.hpp"
#include "scenarios/redis_subscription/connection.hpp"

namespace redis_subscription {

class PrivateRedis {
 public:
  // Started, on a unix socket unless a loopback port is given. Throws std::runtime_error with the server's
  // log if it does not answer.
  PrivateRedis() : PrivateRedis(Endpoint{}, {}) {}
  PrivateRedis(Endpoint endpoint, std::vector<std::string> arguments);

  const Endpoint& endpoint() const { return endpoint_; }
  std::string address() const { return endpoint_.text(); }
  const std::filesystem::path& directory() const { return directory_.path(); }

  void start();
  void stop();
  void freeze() const;  // it answers no more, its connections stay

  // Over a connection made for it. Throws RedisError, for an error reply too.
  Reply command(Words words) const;

 private:
  TemporaryDirectory directory_;
  Endpoint endpoint_;
  std::vector<std::string> arguments_;
  std::unique_ptr<ChildProcess> process_;
};

// Two nodes that share the hash slots, the first with the lower half.
struct PrivateCluster {
  std::unique_ptr<PrivateRedis> lower;
  std::unique_ptr<PrivateRedis> upper;
};

// Returns once both nodes say that the cluster is well.
PrivateCluster start_cluster();

}  // namespace redis_subscription
