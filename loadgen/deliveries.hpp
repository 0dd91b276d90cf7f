// Who was to get which message, and did: the account of everything published, subscriber by subscriber.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "loadgen/latency_histogram.hpp"

namespace soakline {

// deliveries = published x subscribers - explained - lost. Every publisher numbers its messages, so that a
// gap shows as soon as a later one arrives; what arrives late closes it again.
class Deliveries {
 public:
  Deliveries(std::size_t publishers, std::size_t subscribers);

  // A message of a publisher went to the server; sequences ascend. Or those from..until never will, or may
  // not have.
  void published(std::size_t publisher, std::uint64_t sequence) {
    publishers_[publisher].next = sequence + 1;
    ++seen_.published;
  }
  void not_published(std::size_t publisher, std::uint64_t from, std::uint64_t until);

  // The server has said that the subscriber gets all that is published from now on. What it missed before is
  // explained.
  void subscribed(std::size_t subscriber);
  // Its connection is gone.
  void unsubscribed(std::size_t subscriber) { subscribers_[subscriber].subscribed = false; }

  // What came in; now_ns is after the start, as in its stamp.
  void arrived(std::size_t subscriber, std::string_view payload, std::int64_t now_ns);

  // Something that is no message, or a message of nobody's.
  void arrived_damaged() { ++seen_.corrupted; }

  struct Account {
    std::uint64_t published = 0;  // in messages; all others in deliveries
    std::uint64_t delivered = 0;
    std::uint64_t explained = 0;   // missing, and it is known why; also what was never sent
    std::uint64_t lost = 0;        // missing, and nobody knows why
    std::uint64_t duplicated = 0;  // came again
    std::uint64_t corrupted = 0;   // came with a CRC that is not its own, or from nobody
    std::uint64_t reordered = 0;   // came after a later one
  };
  // Of all that was published so far; what is still on its way counts as lost.
  Account account() const;
  const LatencyHistogram& from_intended() const { return from_intended_; }

 private:
  struct Range {
    std::uint64_t from, until;
  };
  struct Publisher {
    std::uint64_t next = 0;             // the sequence after all that went out
    std::vector<Range> uncertain = {};  // ascending
  };
  // What a subscriber has not got of a publisher and went past.
  struct Missing {
    std::size_t publisher;
    Range range;
    bool explained;
  };
  struct Subscriber {
    bool subscribed = false;
    std::vector<Missing> missing = {};
  };

  std::uint64_t& next_of(std::size_t subscriber, std::size_t publisher) {
    return next_[subscriber * publishers_.size() + publisher];
  }
  void out_of_order(std::size_t subscriber, std::size_t publisher, std::uint64_t sequence);
  bool take_missing(Subscriber& subscriber, std::size_t publisher, std::uint64_t sequence);
  std::uint64_t uncertain_within(std::size_t publisher, Range range) const;

  std::vector<Publisher> publishers_;
  std::vector<Subscriber> subscribers_;
  std::vector<std::uint64_t> next_;  // by subscriber, then publisher: the sequence that is due
  Account seen_;
  LatencyHistogram from_intended_;
};

}  // namespace soakline
