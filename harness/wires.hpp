// Proxies on a run's links: where faults are on a link, its client meets a soakline-wire in place of the
// server.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "harness/faults.hpp"
#include "harness/placeholders.hpp"
#include "harness/process.hpp"
#include "harness/readiness.hpp"

namespace soakline {

// A link as a scenario writes it: "target->redis". Nothing where it is none.
struct Link {
  std::string from, to;
};
std::optional<Link> link_named(std::string_view name);

class Wires {
 public:
  Wires(EventLoop& loop, const Scenario& scenario, const std::vector<Fault>& timeline,
        std::filesystem::path sockets);

  // The address that `from` is to be told for the server `to`: the same, or that of a proxy, which is started
  // here. RunError where it cannot be.
  std::string between(const std::string& from, const std::string& to, const std::string& address);
  // `values` with the addresses of all services as `from` is to see them.
  Placeholders as_seen_by(const std::string& from, Placeholders values);
  FaultHands take_hands() { return std::move(hands_); }

 private:
  bool has_faults(const std::string& link) const;
  const char* messages_to(const std::string& server) const;

  EventLoop& loop_;
  const Scenario& scenario_;
  const std::vector<Fault>& timeline_;
  std::filesystem::path sockets_;
  FaultHands hands_;
};

}  // namespace soakline
