#include "loadgen/conversation.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/frame_replies.hpp"

namespace soakline {
namespace {

// Much more than a socket takes at once: what is only queued here should not be counted as sent.
constexpr std::size_t batch_bytes = 256 << 10;
// What is less is worth keeping for the next burst.
constexpr std::size_t least_given_back = 16 << 10;

}  // namespace

Conversation::Conversation(std::unique_ptr<ReplyReader> reader, Ledger& ledger, Backlog limit, Sender sender)
    : reader_(std::move(reader)), ledger_(ledger), limit_(limit), sender_(sender) {}

bool Conversation::is_full() const {
  return messages_.size() >= limit_.messages || bytes_.size() - batch_end_ >= limit_.bytes;
}

void Conversation::offer(MessageStream& stream, std::int64_t intended_ns) {
  const bool full = is_full();
  const std::size_t begin = bytes_.size();
  const std::uint64_t sequence = next_sequence_++;
  // Also when it is dropped, so that all later messages stay what the seed makes them.
  stream.append_next(bytes_, {sender_.publisher, sequence, intended_ns});
  ++ledger_.offered;
  if (full) {
    ++ledger_.dropped;
    bytes_.resize(begin);
    uncertain(sequence, sequence + 1);
    return;
  }
  if (messages_.full()) messages_.set_capacity(std::max<std::size_t>(16, 2 * messages_.capacity()));
  messages_.push_back({intended_ns, 0, sequence, bytes_.size() - begin});
}

std::string_view Conversation::to_write(std::int64_t now_ns) {
  if (written_ == batch_end_) begin_batch(now_ns);
  return std::string_view(bytes_).substr(written_, batch_end_ - written_);
}

void Conversation::begin_batch(std::int64_t now_ns) {
  const std::size_t begin = batch_end_;
  const std::size_t was_in_flight = in_flight_;
  most_bytes_ = std::max(most_bytes_, bytes_.size());
  most_messages_ = std::max(most_messages_, messages_.size());
  std::int64_t intended_ns = 0;
  std::uint64_t due_together = 0;
  for (; in_flight_ < messages_.size(); ++in_flight_) {
    Message& message = messages_[in_flight_];
    if (batch_end_ != begin && batch_end_ - begin + message.bytes > batch_bytes) break;
    message.sent_ns = now_ns;
    batch_end_ += message.bytes;
    if (message.intended_ns != intended_ns) {
      ledger_.lateness.record(now_ns - intended_ns, std::exchange(due_together, 0));
      intended_ns = message.intended_ns;
    }
    ++due_together;
    if (sender_.deliveries != nullptr) sender_.deliveries->published(sender_.publisher, message.sequence);
  }
  if (due_together > 0) ledger_.lateness.record(now_ns - intended_ns, due_together);
  ledger_.sent += in_flight_ - was_in_flight;
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

Dialogue::Heard Conversation::hear(std::string_view bytes, std::int64_t now_ns) {
  Heard heard;
  Reply reply;
  for (;;) {
    const Parsed parsed = reader_->next(bytes, reply);
    if (parsed == Parsed::broken) heard.broken = "the server's answer is not of this kind's protocol";
    if (parsed != Parsed::reply) return heard;
    if (reply.echo.data() != nullptr && comes_again(reply.echo)) {
      ++ledger_.duplicated;
      continue;
    }
    if (reply.count > in_flight_) {
      heard.broken =
          reply.error.empty() ? "the server answered more than it was asked" : std::string(reply.error);
      reply.count = in_flight_;
    }
    const std::size_t before = in_flight_;
    if (in_flight_ > 0) heard.answered += settle(reply, now_ns);
    heard.replies += before - in_flight_;
    if (!heard.broken.empty()) return heard;
  }
}

// Whether it is of a message that was settled before.
bool Conversation::comes_again(std::string_view echo) {
  echo_stamp_ = read_stamp(echo);
  const std::uint64_t oldest = messages_.empty() ? next_sequence_ : messages_.front().sequence;
  return echo_stamp_ && echo_stamp_->publisher == sender_.publisher && echo_stamp_->sequence < oldest;
}

// Enters the answer to the oldest messages in flight; how many of them it was that did not fail.
std::size_t Conversation::settle(const Reply& reply, std::int64_t now_ns) {
  if (!reply.error.empty()) {
    if (!redirect_front(reply.error)) fail_front(reply.error);
    return 0;
  }
  if (reply.echo.data() != nullptr && !is_next_echo(reply.echo)) return 0;
  ledger_.answered += reply.count;
  // What was sent together mostly is answered together.
  for (std::size_t i = 0; i < reply.count;) {
    const Message& first = messages_[i];
    const std::size_t begin = i;
    while (++i < reply.count && messages_[i].intended_ns == first.intended_ns &&
           messages_[i].sent_ns == first.sent_ns) {
    }
    ledger_.from_intended.record(now_ns - first.intended_ns, i - begin);
    ledger_.from_sent.record(now_ns - first.sent_ns, i - begin);
  }
  messages_.erase_begin(reply.count);
  in_flight_ -= reply.count;
  return reply.count;
}

// An echo says which message it is of: what was passed over has been lost.
bool Conversation::is_next_echo(std::string_view echo) {
  const std::size_t sent_size = messages_.front().bytes - frame_header;
  if (echo.size() < Stamp::size || sent_size < Stamp::size) {
    if (echo.size() != sent_size) fail_front("the echo is not as long as what was sent");
    return echo.size() == sent_size;
  }
  if (!echo_stamp_ || echo_stamp_->publisher != sender_.publisher ||
      echo_stamp_->sequence >= next_sequence_) {
    ++ledger_.corrupted;
    fail_front("the echo is damaged");
    return false;
  }
  while (in_flight_ > 0 && messages_.front().sequence < echo_stamp_->sequence) {
    ++ledger_.lost;
    forget_front();
  }
  return in_flight_ > 0;
}

void Conversation::fail_front(std::string_view why) {
  ledger_.fail(1, why);
  uncertain(messages_.front().sequence, messages_.front().sequence + 1);
  forget_front();
}

// Leaves the account as if it had never been offered: it is offered again where it is sent to.
bool Conversation::redirect_front(std::string_view error) {
  if (sender_.redirects == nullptr || !sender_.redirects->take(error, messages_.front().intended_ns))
    return false;
  --ledger_.offered;
  --ledger_.sent;
  forget_front();
  return true;
}

void Conversation::forget_front() {
  messages_.pop_front();
  --in_flight_;
}

void Conversation::uncertain(std::uint64_t from, std::uint64_t until) {
  if (sender_.deliveries != nullptr) sender_.deliveries->not_published(sender_.publisher, from, until);
}

void Conversation::lost(std::string_view why) {
  ledger_.fail(in_flight_, why);
  for (std::size_t i = 0; i < in_flight_; ++i) uncertain(messages_[i].sequence, messages_[i].sequence + 1);
  messages_.erase_begin(in_flight_);
  in_flight_ = 0;
  written_ = batch_end_;
  forget_written();
  reader_->restart();
}

// A backlog that is gone leaves its memory behind, which would look like a leak of ours.
std::size_t Conversation::give_back() {
  const std::size_t before = bytes_held();
  if (bytes_.capacity() > least_given_back && bytes_.capacity() / 4 > std::max(most_bytes_, bytes_.size()))
    bytes_.shrink_to_fit();
  if (messages_.capacity() * sizeof(Message) > least_given_back &&
      messages_.capacity() / 4 > std::max(most_messages_, messages_.size()))
    messages_.set_capacity(2 * std::max<std::size_t>(16, messages_.size()));
  most_bytes_ = most_messages_ = 0;
  return before - bytes_held();
}

void Conversation::drop_waiting() {
  ledger_.dropped += waiting();
  messages_.erase_end(waiting());
  bytes_.resize(batch_end_);
}

}  // namespace soakline
