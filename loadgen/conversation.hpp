// What one connection has to say and waits to hear: the state of its messages, without any I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/circular_buffer.hpp>

#include "loadgen/ledger.hpp"
#include "loadgen/message_stream.hpp"
#include "loadgen/reply_reader.hpp"

namespace soakline {

// How much one connection may hold back: messages that wait or are unanswered, and bytes that wait.
struct Backlog {
  std::size_t messages = 1'000'000;
  std::size_t bytes = 64 << 20;
};

// A message waits, is sent as part of a batch, and is answered, in order. Every step is entered in the
// ledger.
class Conversation {
 public:
  Conversation(std::unique_ptr<ReplyReader> reader, Ledger& ledger, Backlog limit);

  // Takes the next message of the stream; it waits, or is dropped where the backlog is full.
  void offer(MessageStream& stream, std::int64_t intended_ns);

  // Makes a batch of what waits, in order and up to a bound; those messages count as sent from now on. Only
  // when the batch before is written. False: nothing waits.
  bool begin_batch(std::int64_t now_ns);
  // What is left to write of the batch; valid until the next call that is not const.
  std::string_view unwritten() const;
  void wrote(std::size_t bytes);

  struct Heard {
    std::size_t replies = 0;
    std::size_t answered = 0;  // those that were not failures
    std::string broken;        // why the connection cannot go on; empty: it can
  };
  Heard hear(std::string_view bytes, std::int64_t now_ns);

  // The connection is gone: what was sent and not answered has failed, what waits goes on waiting.
  void lost(std::string_view why);
  // The end: what still waits is dropped.
  void drop_waiting();

 private:
  struct Message {
    std::int64_t intended_ns;
    std::int64_t sent_ns;
    std::uint64_t bytes;
  };

  std::size_t waiting() const { return messages_.size() - in_flight_; }
  bool is_full() const;
  bool settle(const Reply& reply, std::int64_t now_ns);
  void forget_written();

  std::unique_ptr<ReplyReader> reader_;
  Ledger& ledger_;
  Backlog limit_;
  boost::circular_buffer<Message> messages_;  // those in flight first, then those that wait
  std::size_t in_flight_ = 0;
  std::string bytes_;  // written, then unwritten of the batch, then waiting
  std::size_t written_ = 0;
  std::size_t batch_end_ = 0;
};

}  // namespace soakline
