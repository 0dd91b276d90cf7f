// Which node of a redis cluster a command belongs to, and what the cluster says about it; without any I/O.
// As redis specifies it (redis.io/docs/reference/cluster-spec).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soakline {

constexpr std::size_t cluster_slots = 16384;

// CRC16 of the key, or of what stands between its first { and the next }, modulo the number of slots.
std::size_t hash_slot(std::string_view key);

// Of a command as RESP; nothing where any node will do.
std::optional<std::string_view> key_of(std::string_view command);

struct NodeName {
  std::string host;  // empty: the one that said so
  std::string port;

  bool operator==(const NodeName&) const = default;
};

// MOVED: the slot lives there from now on. ASK: this one command is to go there, after ASKING.
struct Redirection {
  bool ask;
  std::size_t slot;
  NodeName node;
};
std::optional<Redirection> parse_redirection(std::string_view error);

struct SlotRange {
  std::size_t first, last;
  NodeName node;  // the master
};
// The answer to CLUSTER SLOTS, whole; nothing when it is no such answer.
std::optional<std::vector<SlotRange>> parse_slot_ranges(std::string_view value);

}  // namespace soakline
