// What one connection has to say and waits to hear: the state of its messages, without any I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/circular_buffer.hpp>

#include "loadgen/deliveries.hpp"
#include "loadgen/dialogue.hpp"
#include "loadgen/ledger.hpp"
#include "loadgen/message_stream.hpp"
#include "loadgen/reply_reader.hpp"

namespace soakline {

// How much one connection may hold back: messages that wait or are unanswered, and bytes that wait.
struct Backlog {
  std::size_t messages = 1'000'000;
  std::size_t bytes = 64 << 20;
};

// Takes messages that the server sends elsewhere by an error.
class Redirects {
 public:
  virtual ~Redirects() = default;
  // Of the oldest message in flight; false: it is an error like any other.
  virtual bool take(std::string_view error, std::int64_t intended_ns) = 0;
};

// Whose messages they are, and who has them delivered, if that is accounted for.
struct Sender {
  std::uint16_t publisher = 0;
  Deliveries* deliveries = nullptr;
  Redirects* redirects = nullptr;
};

// A message waits, is sent as part of a batch, and is answered, in order. Every step is entered in the
// ledger.
class Conversation final : public SendingDialogue {
 public:
  Conversation(std::unique_ptr<ReplyReader> reader, Ledger& ledger, Backlog limit, Sender sender = {});

  void offer(MessageStream& stream, std::int64_t intended_ns) override;
  std::size_t held() const override { return messages_.size(); }

  // What is left of the batch, or a new one of what waits, in order and up to a bound; those messages count
  // as sent from now on.
  std::string_view to_write(std::int64_t now_ns) override;
  void wrote(std::size_t bytes) override;
  Heard hear(std::string_view bytes, std::int64_t now_ns) override;

  // The connection is gone: what was sent and not answered has failed, what waits goes on waiting.
  void lost(std::string_view why) override;
  std::size_t bytes_held() const override {
    return bytes_.capacity() + messages_.capacity() * sizeof(Message);
  }
  std::size_t give_back() override;
  void drop_waiting() override;

  // Messages that wait or are unanswered.
  std::size_t unsettled() const { return messages_.size(); }

 private:
  struct Message {
    std::int64_t intended_ns;
    std::int64_t sent_ns;
    std::uint64_t sequence;
    std::uint64_t bytes;
  };

  std::size_t waiting() const { return messages_.size() - in_flight_; }
  bool is_full() const;
  void begin_batch(std::int64_t now_ns);
  std::size_t settle(const Reply& reply, std::int64_t now_ns);
  bool comes_again(std::string_view echo);
  bool is_next_echo(std::string_view echo);
  void fail_front(std::string_view why);
  bool redirect_front(std::string_view error);
  void forget_front();
  void uncertain(std::uint64_t from, std::uint64_t until);
  void forget_written();

  std::unique_ptr<ReplyReader> reader_;
  Ledger& ledger_;
  Backlog limit_;
  Sender sender_;
  std::uint64_t next_sequence_ = 0;
  std::optional<Stamp> echo_stamp_;           // of the echo that is being entered
  boost::circular_buffer<Message> messages_;  // those in flight first, then those that wait
  std::size_t in_flight_ = 0;
  std::string bytes_;  // written, then unwritten of the batch, then waiting
  std::size_t written_ = 0;
  std::size_t batch_end_ = 0;
  std::size_t most_bytes_ = 0, most_messages_ = 0;  // that there were at once since give_back()
};

}  // namespace soakline
