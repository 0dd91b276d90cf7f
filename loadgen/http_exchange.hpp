// What an HTTP connection has to say and waits to hear: one request at a time, without any I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/circular_buffer.hpp>

#include "loadgen/conversation.hpp"
#include "loadgen/http_account.hpp"
#include "loadgen/http_reader.hpp"
#include "loadgen/ledger.hpp"

namespace soakline {

// Every step is entered in the ledger. A connection that the server closes between two answers is no failure;
// a request that had just been sent on it is sent again on the next one, as clients do where its method
// allows it (RFC 9110, 9.2.2).
class HttpExchange final : public SendingDialogue {
 public:
  HttpExchange(Ledger& ledger, HttpAccount& account, Backlog limit, bool close_after_each);

  void offer(MessageStream& stream, std::int64_t intended_ns) override;
  std::size_t held() const override { return messages_.size(); }
  std::size_t bytes_held() const override {
    return bytes_.capacity() + messages_.capacity() * sizeof(Message);
  }
  void drop_waiting() override;

  std::string_view to_write(std::int64_t now_ns) override;
  void wrote(std::size_t bytes) override { written_ += bytes; }
  Heard hear(std::string_view bytes, std::int64_t now_ns) override;
  Heard ended(bool in_order, std::int64_t now_ns) override;
  void opened() override;
  void lost(std::string_view why) override;

 private:
  struct Message {
    std::int64_t intended_ns;
    std::int64_t sent_ns;
    std::size_t bytes;
  };

  std::string_view front() const;
  void await_answer();
  void settle(const HttpAnswer& answer, std::int64_t now_ns, Heard& heard);
  void forget_front();

  Ledger& ledger_;
  HttpAccount& account_;
  Backlog limit_;
  bool close_after_each_;
  HttpReader reader_;
  boost::circular_buffer<Message> messages_;
  std::string bytes_;  // of messages_, from begin_
  std::size_t begin_ = 0;
  std::size_t written_ = 0;    // of the first message
  bool in_flight_ = false;     // the first message is
  bool has_answered_ = false;  // this connection
  bool over_ = true;           // until another connection is open
};

}  // namespace soakline
