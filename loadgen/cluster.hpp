// A redis cluster: each message goes to the node that has its key, and again where a node sends it elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "loadgen/connection.hpp"
#include "loadgen/ledger.hpp"
#include "loadgen/load_plan.hpp"
#include "loadgen/message_stream.hpp"

namespace soakline {

class Cluster {
 public:
  virtual ~Cluster() = default;

  // Asks for the nodes, then opens every connection to each; on_open of the owner when all are.
  virtual void open() = 0;
  // The next message of the stream, to the node of its key. Its redirections are no replies.
  virtual void offer(std::int64_t intended_ns) = 0;
  virtual void flush() = 0;
  virtual void drop_waiting() = 0;
};

// The wires are those to any of its nodes.
std::unique_ptr<Cluster> make_cluster(const LoadPlan& plan, const Wires& wires, MessageStream& stream,
                                      Ledger& ledger, ConnectionEvents& owner);

}  // namespace soakline
