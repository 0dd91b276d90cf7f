#include "loadgen/http_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace soakline {
namespace {

// Asking again does no more than asking once (RFC 9110, 9.2.2).
bool may_repeat(std::string_view request) {
  constexpr std::array<std::string_view, 6> idempotent = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  const auto method = request.substr(0, request.find(' '));
  return std::find(idempotent.begin(), idempotent.end(), method) != idempotent.end();
}

}  // namespace

HttpExchange::HttpExchange(Ledger& ledger, HttpAccount& account, Backlog limit, bool close_after_each)
    : ledger_(ledger), account_(account), limit_(limit), close_after_each_(close_after_each) {}

void HttpExchange::offer(MessageStream& stream, std::int64_t intended_ns) {
  const bool full = messages_.size() >= limit_.messages || bytes_.size() - begin_ >= limit_.bytes;
  const std::size_t before = bytes_.size();
  // Also when it is dropped, so that all later messages stay what the seed makes them.
  stream.append_next(bytes_, {0, 0, intended_ns});
  ++ledger_.offered;
  if (full) {
    ++ledger_.dropped;
    bytes_.resize(before);
    return;
  }
  if (messages_.full()) messages_.set_capacity(std::max<std::size_t>(16, 2 * messages_.capacity()));
  messages_.push_back({intended_ns, 0, bytes_.size() - before});
}

std::string_view HttpExchange::front() const {
  return std::string_view(bytes_).substr(begin_, messages_.front().bytes);
}

std::string_view HttpExchange::to_write(std::int64_t now_ns) {
  if (over_ || messages_.empty()) return {};
  if (!in_flight_) {
    in_flight_ = true;
    messages_.front().sent_ns = now_ns;
    ++ledger_.sent;
    ledger_.lateness.record(now_ns - messages_.front().intended_ns);
    await_answer();
  }
  return front().substr(written_);
}

void HttpExchange::await_answer() {
  written_ = 0;
  reader_.expect(front().starts_with("HEAD "));
}

Dialogue::Heard HttpExchange::hear(std::string_view bytes, std::int64_t now_ns) {
  Heard heard;
  HttpAnswer answer;
  for (;;) {
    const Parsed parsed = reader_.next(bytes, answer);
    if (parsed == Parsed::broken) heard.broken = "the server's answer is not HTTP/1.1";
    if (parsed != Parsed::reply) return heard;
    if (in_flight_)
      settle(answer, now_ns, heard);
    else if (answer.closes)
      over_ = true;  // as 408 to a connection that was idle for long
    else
      heard.broken = "the server answered more than it was asked";
    heard.over = over_ && heard.broken.empty();
    if (heard.over || !heard.broken.empty()) return heard;
  }
}

void HttpExchange::settle(const HttpAnswer& answer, std::int64_t now_ns, Heard& heard) {
  const auto digit = static_cast<std::size_t>(answer.status) / 100;
  ++account_.by_class[std::min(digit, account_.by_class.size() - 1)];
  if (answer.status >= 400) {
    ledger_.fail(1, fmt::format("the server answered {} {}", answer.status, answer.reason));
  } else {
    ++ledger_.answered;
    ++heard.answered;
    ledger_.from_intended.record(now_ns - messages_.front().intended_ns);
    ledger_.from_sent.record(now_ns - messages_.front().sent_ns);
  }
  ++heard.replies;
  has_answered_ = true;
  over_ = answer.closes || close_after_each_;
  forget_front();
}

void HttpExchange::forget_front() {
  begin_ += messages_.front().bytes;
  messages_.pop_front();
  in_flight_ = false;
  if (begin_ < bytes_.size() / 2) return;  // moving little at a time would cost more than it frees
  bytes_.erase(0, begin_);
  begin_ = 0;
}

Dialogue::Heard HttpExchange::ended(bool in_order, std::int64_t now_ns) {
  Heard heard;
  HttpAnswer answer;
  if (in_order && in_flight_ && reader_.end(answer) == Parsed::reply) {
    settle(answer, now_ns, heard);
    heard.over = true;
  } else if (has_answered_ && !reader_.begun() && (!in_flight_ || may_repeat(front()))) {
    account_.repeated += in_flight_ ? 1 : 0;
    heard.over = true;
  }
  over_ = heard.over;
  return heard;
}

void HttpExchange::opened() {
  ++account_.connections;
  over_ = false;
  has_answered_ = false;
  if (in_flight_) await_answer();
}

void HttpExchange::lost(std::string_view why) {
  over_ = true;
  if (!in_flight_) return;
  ledger_.fail(1, why);
  forget_front();
}

void HttpExchange::drop_waiting() {
  const std::size_t kept = in_flight_ ? 1 : 0;
  ledger_.dropped += messages_.size() - kept;
  bytes_.resize(begin_ + (in_flight_ ? messages_.front().bytes : 0));
  messages_.erase_end(messages_.size() - kept);
}

}  // namespace soakline
