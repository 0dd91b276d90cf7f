#include "loadgen/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/system/system_error.hpp>

#include "loadgen/cluster_member.hpp"
#include "loadgen/cluster_slots.hpp"
#include "loadgen/tls_session.hpp"

namespace soakline {
namespace {

// Asks a node where the slots are.
class SlotQuestion final : public Dialogue {
 public:
  std::string_view to_write(std::int64_t) override { return left_; }
  void wrote(std::size_t bytes) override { left_.remove_prefix(bytes); }
  void opened() override { left_ = question; }
  void lost(std::string_view) override { heard_.clear(); }
  Heard hear(std::string_view bytes, std::int64_t) override {
    heard_ += bytes;
    std::size_t at = 0;
    RespScanner scanner(Resp::v3);
    const auto found = scanner.next(heard_, at);
    if (found == RespScanner::Found::more) return {};
    ranges_ = parse_slot_ranges(heard_);
    if (!ranges_ || ranges_->empty())
      return {0, 0,
              fmt::format("it is no cluster that serves: {}; leave out --cluster",
                          heard_.substr(0, std::min<std::size_t>(at, 100)))};
    return {1, 1, ""};
  }
  const std::optional<std::vector<SlotRange>>& ranges() const { return ranges_; }

 private:
  static constexpr std::string_view question = "*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n";
  std::string_view left_;
  std::string heard_;
  std::optional<std::vector<SlotRange>> ranges_;
};

class RoutingCluster final : public Cluster {
 public:
  RoutingCluster(const LoadPlan& plan, const Wires& wires, MessageStream& stream, Ledger& ledger,
                 ConnectionEvents& owner)
      : plan_(plan), wires_(wires), stream_(stream), ledger_(ledger), owner_(owner), asker_(*this) {}

  void open() override { asker_.connection->open(); }
  void offer(std::int64_t intended_ns) override;
  void flush() override;
  void drop_waiting() override;

 private:
  // Whoever asks for the slots; stays connected, without anything to say.
  struct Asker final : ConnectionEvents {
    explicit Asker(RoutingCluster& of)
        : cluster(of), connection(make_connection(of.wires_, question, greeting_of(of.plan_), *this)) {}
    void on_open() override { connection->flush(); }
    void on_refused(const std::error_code& error) override {
      if (!question.ranges()) cluster.owner_.on_refused(error);
    }
    void on_replies(std::size_t) override { cluster.learn(*question.ranges()); }
    void on_lost(std::string_view why) override {
      if (cluster.nodes_.empty()) cluster.owner_.on_lost(why);
    }

    RoutingCluster& cluster;
    SlotQuestion question;
    std::unique_ptr<Connection> connection;
  };

  struct Peer final : ConnectionEvents {
    Peer(RoutingCluster& of, const Wires& wires, Backlog limit)
        : cluster(of),
          member(of.plan_, of.ledger_, limit,
                 [this](RoutedMessage message, const Redirection& where) {
                   cluster.redirect(std::move(message), where);
                 }),
          connection(make_connection(wires, member, greeting_of(of.plan_), *this)) {}
    void on_open() override { cluster.opened(*this); }
    void on_refused(const std::error_code& error) override { cluster.owner_.on_refused(error); }
    void on_replies(std::size_t count) override { cluster.owner_.on_replies(count); }
    void on_lost(std::string_view why) override { cluster.owner_.on_lost(why); }

    RoutingCluster& cluster;
    ClusterMember member;
    std::unique_ptr<Connection> connection;
  };

  struct Node {
    NodeName name;
    std::optional<TlsContext> tls;
    Wires wires;
    std::vector<std::unique_ptr<Peer>> peers;
  };

  void learn(const std::vector<SlotRange>& ranges);
  Node& node_named(NodeName name);
  void opened(Peer& peer);
  Peer& peer_of(const RoutedMessage& message);
  void redirect(RoutedMessage message, const Redirection& where);

  const LoadPlan& plan_;
  const Wires& wires_;
  MessageStream& stream_;
  Ledger& ledger_;
  ConnectionEvents& owner_;
  Asker asker_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::array<Node*, cluster_slots> slots_{};  // of a slot that nobody has: any node, which will say so
  std::vector<Peer*> to_open_;                // before the load begins, in this order
  std::size_t opened_ = 0;
  bool ready_ = false;
  std::uint64_t offered_ = 0;
};

RoutingCluster::Node& RoutingCluster::node_named(NodeName name) {
  if (name.host.empty()) name.host = plan_.to.host;
  const auto known =
      std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& node) { return node->name == name; });
  if (known != nodes_.end()) return **known;
  const Address address{name.host + ":" + name.port, {}, name.host, name.port};
  auto node = std::make_unique<Node>(Node{name, std::nullopt, wires_, {}});
  node->wires.endpoints = resolve(wires_.io, address);
  if (plan_.tls) node->wires.tls = &node->tls.emplace(*plan_.tls, name.host);
  const Backlog share{std::max<std::size_t>(1, plan_.backlog / plan_.connections),
                      Backlog{}.bytes / plan_.connections};
  for (std::size_t i = 0; i < plan_.connections; ++i)
    node->peers.push_back(std::make_unique<Peer>(*this, node->wires, share));
  nodes_.push_back(std::move(node));
  return *nodes_.back();
}

void RoutingCluster::learn(const std::vector<SlotRange>& ranges) {
  if (!nodes_.empty()) return;
  for (const SlotRange& range : ranges) {
    Node& node = node_named(range.node);
    std::fill(slots_.begin() + range.first, slots_.begin() + range.last + 1, &node);
  }
  std::replace(slots_.begin(), slots_.end(), static_cast<Node*>(nullptr), nodes_.front().get());
  for (auto& node : nodes_)
    for (auto& peer : node->peers) to_open_.push_back(peer.get());
  to_open_.front()->connection->open();
}

void RoutingCluster::opened(Peer& peer) {
  if (ready_) {
    peer.connection->flush();
    // A closed loop goes on with as many as it had.
    if (const auto failed = peer.member.take_failed(); failed > 0) owner_.on_replies(failed);
    return;
  }
  if (++opened_ < to_open_.size()) return to_open_[opened_]->connection->open();
  ready_ = true;
  owner_.on_open();
}

void RoutingCluster::offer(std::int64_t intended_ns) {
  const std::uint64_t number = offered_++;
  RoutedMessage message{{}, intended_ns, number % plan_.connections, 0};
  stream_.append_next(message.bytes, {static_cast<std::uint16_t>(message.publisher),
                                      number / plan_.connections, intended_ns});
  Peer& peer = peer_of(message);
  peer.member.offer(std::move(message));
}

RoutingCluster::Peer& RoutingCluster::peer_of(const RoutedMessage& message) {
  const auto key = key_of(message.bytes);
  Node& node = key ? *slots_[hash_slot(*key)] : *nodes_[offered_ % nodes_.size()];
  return *node.peers[message.publisher];
}

void RoutingCluster::redirect(RoutedMessage message, const Redirection& where) {
  Node* node = nullptr;
  try {
    const std::size_t known = nodes_.size();
    node = &node_named(where.node);
    if (nodes_.size() > known)
      for (auto& peer : node->peers) peer->connection->open();
  } catch (const boost::system::system_error& error) {
    ++ledger_.offered;
    ++ledger_.sent;
    return ledger_.fail(1, fmt::format("sent on to {}: {}", where.node.host, error.code().message()));
  }
  if (!where.ask) slots_[where.slot] = node;
  Peer& peer = *node->peers[message.publisher];
  peer.member.offer(std::move(message), where.ask);
  peer.connection->flush();
}

void RoutingCluster::flush() {
  for (auto& node : nodes_)
    for (auto& peer : node->peers) peer->connection->flush();
}

void RoutingCluster::drop_waiting() {
  for (auto& node : nodes_)
    for (auto& peer : node->peers) peer->member.drop_waiting();
}

}  // namespace

std::unique_ptr<Cluster> make_cluster(const LoadPlan& plan, const Wires& wires, MessageStream& stream,
                                      Ledger& ledger, ConnectionEvents& owner) {
  return std::make_unique<RoutingCluster>(plan, wires, stream, ledger, owner);
}

}  // namespace soakline
