#include <benchmark/benchmark.h>
#include <hiredis/hiredis.h>

#include <string>

#include "loadgen/conversation.hpp"
#include "loadgen/latency_histogram.hpp"
#include "loadgen/message_stream.hpp"
#include "loadgen/payload.hpp"
#include "loadgen/schedule.hpp"
#include "loadgen/seeded.hpp"
#include "loadgen/stream_hash.hpp"
#include "loadgen/subscription.hpp"

namespace soakline {
namespace {

void next_due_time(benchmark::State& state) {
  Schedule schedule(state.range(0) != 0 ? Arrivals::poisson : Arrivals::fixed, 20'000, 7);
  for ([[maybe_unused]] auto _ : state) {
    schedule.advance();
    benchmark::DoNotOptimize(schedule.due_ns());
  }
}
BENCHMARK(next_due_time)->ArgName("poisson")->Arg(0)->Arg(1);

void histogram_record(benchmark::State& state) {
  LatencyHistogram histogram;
  std::int64_t ns = 40'000;
  for ([[maybe_unused]] auto _ : state) {
    ns = (ns * 5 + 7919) & 0xfffff;
    histogram.record(ns);
  }
  benchmark::DoNotOptimize(histogram.max_ns());
}
BENCHMARK(histogram_record);

void payload_next(benchmark::State& state) {
  Random random = seeded(7, Purpose::messages);
  const auto size = static_cast<std::uint64_t>(state.range(0));
  Payload payload({size, size});
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    payload.append(out, size, {0, 1, 2}, random);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(payload_next)->Arg(64)->Arg(512);

void stream_hash(benchmark::State& state) {
  const std::string message(static_cast<std::size_t>(state.range(0)), 'x');
  StreamHash hash;
  std::int64_t intended_ns = 0;
  for ([[maybe_unused]] auto _ : state) hash.add(message, ++intended_ns);
  benchmark::DoNotOptimize(hash.text());
}
BENCHMARK(stream_hash)->Arg(100)->Arg(550);

LoadPlan publishes() {
  LoadPlan plan;
  plan.kind = LoadKind::redis;
  return plan;
}

void resp_encode_and_hash(benchmark::State& state) {
  const auto stream = make_message_stream(publishes());
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    stream->append_next(out, {0, 1, 0});
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(resp_encode_and_hash);

void resp_parse_reply(benchmark::State& state) {
  const auto reader = make_reply_reader(publishes());
  std::string replies;
  for (int i = 0; i < 64; ++i) replies += ":1\r\n";
  Reply reply;
  for ([[maybe_unused]] auto _ : state) {
    std::string_view bytes = replies;
    while (reader->next(bytes, reply) == Parsed::reply) benchmark::DoNotOptimize(reply);
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(resp_parse_reply);

// What a subscriber reads at once, 64 B each; from publisher 0, in order.
constexpr std::size_t messages_read = 64;

std::string pushed_messages() {
  std::string bytes;
  Payload payload({64, 64});
  Random random = seeded(7, Purpose::messages);
  for (std::uint64_t sequence = 0; sequence < messages_read; ++sequence) {
    bytes += "*3\r\n$7\r\nmessage\r\n$6\r\norders\r\n$64\r\n";
    payload.append(bytes, 64, {0, sequence, 0}, random);
    bytes += "\r\n";
  }
  return bytes;
}

void pubsub_scan(benchmark::State& state) {
  const std::string bytes = pushed_messages();
  RespScanner scanner;
  for ([[maybe_unused]] auto _ : state)
    for (std::size_t at = 0; scanner.next(bytes, at) == RespScanner::Found::value;)
      benchmark::DoNotOptimize(at);
  state.SetItemsProcessed(state.iterations() * messages_read);
}
BENCHMARK(pubsub_scan);

// Parsed and its stamp's CRC checked; entered as nobody's, so that the same can come again.
void pubsub_subscription(benchmark::State& state) {
  const std::string bytes = pushed_messages();
  Deliveries deliveries(1, 1);
  Subscription subscription("orders", Resp::v2, deliveries, 0);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(subscription.hear(bytes, 1));
  state.SetItemsProcessed(state.iterations() * messages_read);
}
BENCHMARK(pubsub_subscription);

// The part of it that is no parsing.
void pubsub_read_stamp(benchmark::State& state) {
  const std::string bytes = pushed_messages();
  const std::string_view payload = std::string_view(bytes).substr(bytes.find("$64") + 5, 64);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(read_stamp(payload));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pubsub_read_stamp);

void pubsub_hiredis(benchmark::State& state) {
  const std::string bytes = pushed_messages();
  redisReader* const reader = redisReaderCreate();
  for ([[maybe_unused]] auto _ : state) {
    redisReaderFeed(reader, bytes.data(), bytes.size());
    void* reply = nullptr;
    while (redisReaderGetReply(reader, &reply) == REDIS_OK && reply != nullptr) freeReplyObject(reply);
  }
  redisReaderFree(reader);
  state.SetItemsProcessed(state.iterations() * messages_read);
}
BENCHMARK(pubsub_hiredis);

// All that one message costs save the system calls: made, hashed, batched, answered, entered.
void whole_message(benchmark::State& state) {
  const auto stream = make_message_stream(publishes());
  Ledger ledger;
  Conversation talk(make_reply_reader(publishes()), ledger, {});
  const auto depth = static_cast<std::size_t>(state.range(0));
  std::string replies;
  for (std::size_t i = 0; i < depth; ++i) replies += ":1\r\n";
  std::int64_t now_ns = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (std::size_t i = 0; i < depth; ++i) talk.offer(*stream, now_ns);
    talk.wrote(talk.to_write(now_ns += 100).size());
    talk.hear(replies, now_ns += 40'000);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(whole_message)->Arg(1)->Arg(64);

}  // namespace
}  // namespace soakline
