#include "loadgen/conversation.hpp"

#include <algorithm>
#include <utility>

namespace soakline {
namespace {

// Much more than a socket takes at once: what is only queued here should not be counted as sent.
constexpr std::size_t batch_bytes = 256 << 10;

}  // namespace

Conversation::Conversation(std::unique_ptr<ReplyReader> reader, Ledger& ledger, Backlog limit)
    : reader_(std::move(reader)), ledger_(ledger), limit_(limit) {}

bool Conversation::is_full() const {
  return messages_.size() >= limit_.messages || bytes_.size() - batch_end_ >= limit_.bytes;
}

void Conversation::offer(MessageStream& stream, std::int64_t intended_ns) {
  const bool full = is_full();
  const std::size_t begin = bytes_.size();
  // Also when it is dropped, so that all later messages stay what the seed makes them.
  stream.append_next(bytes_, intended_ns);
  ++ledger_.offered;
  if (full) {
    ++ledger_.dropped;
    bytes_.resize(begin);
    return;
  }
  if (messages_.full()) messages_.set_capacity(std::max<std::size_t>(16, 2 * messages_.capacity()));
  messages_.push_back({intended_ns, 0, bytes_.size() - begin});
}

bool Conversation::begin_batch(std::int64_t now_ns) {
  if (waiting() == 0) return false;
  const std::size_t begin = batch_end_;
  while (waiting() > 0) {
    Message& message = messages_[in_flight_];
    if (batch_end_ != begin && batch_end_ - begin + message.bytes > batch_bytes) break;
    message.sent_ns = now_ns;
    batch_end_ += message.bytes;
    ++in_flight_;
    ++ledger_.sent;
    ledger_.lateness.record(now_ns - message.intended_ns);
  }
  return true;
}

std::string_view Conversation::unwritten() const {
  return std::string_view(bytes_).substr(written_, batch_end_ - written_);
}

void Conversation::wrote(std::size_t bytes) {
  written_ += bytes;
  if (written_ == batch_end_) forget_written();
}

void Conversation::forget_written() {
  if (batch_end_ == bytes_.size())
    bytes_.clear();
  else if (batch_end_ >= bytes_.size() / 2)
    bytes_.erase(0, batch_end_);
  else
    return;  // moving little at a time would cost more than it frees
  written_ = batch_end_ = 0;
}

Conversation::Heard Conversation::hear(std::string_view bytes, std::int64_t now_ns) {
  Heard heard;
  Reply reply;
  for (;;) {
    const Parsed parsed = reader_->next(bytes, reply);
    if (parsed == Parsed::broken) heard.broken = "the server's answer is not of this kind's protocol";
    if (parsed != Parsed::reply) return heard;
    if (in_flight_ == 0) {
      heard.broken =
          reply.error.empty() ? "the server answered more than it was asked" : std::string(reply.error);
      return heard;
    }
    heard.answered += settle(reply, now_ns);
    ++heard.replies;
  }
}

// Enters the answer to the oldest message in flight; false when it is a failure.
bool Conversation::settle(const Reply& reply, std::int64_t now_ns) {
  const std::uint64_t answered_before = ledger_.answered;
  const Message& message = messages_.front();
  if (!reply.error.empty()) {
    ledger_.fail(1, reply.error);
  } else if (reply.bytes != 0 && reply.bytes != message.bytes) {
    ledger_.fail(1, "the echo is not as long as what was sent");
  } else {
    ++ledger_.answered;
    ledger_.from_intended.record(now_ns - message.intended_ns);
    ledger_.from_sent.record(now_ns - message.sent_ns);
  }
  messages_.pop_front();
  --in_flight_;
  return ledger_.answered > answered_before;
}

void Conversation::lost(std::string_view why) {
  ledger_.fail(in_flight_, why);
  messages_.erase_begin(in_flight_);
  in_flight_ = 0;
  written_ = batch_end_;
  forget_written();
  reader_->restart();
}

void Conversation::drop_waiting() {
  ledger_.dropped += waiting();
  messages_.erase_end(waiting());
  bytes_.resize(batch_end_);
}

}  // namespace soakline
