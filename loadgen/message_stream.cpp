#include "loadgen/message_stream.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/random/discrete_distribution.hpp>

#include "loadgen/http_request.hpp"
#include "loadgen/payload.hpp"
#include "loadgen/redis_command.hpp"
#include "loadgen/seeded.hpp"
#include "loadgen/wrapped_payload.hpp"

namespace soakline {
namespace {

// Messages of several kinds, chosen by their weights.
template <class Message>
class MixedMessages : public MessageStream {
 public:
  MixedMessages(std::vector<Message> mix, const std::vector<double>& weights, Payload payload, Random random)
      : mix_(std::move(mix)), choice_(weights), payload_(std::move(payload)), random_(random) {}

 protected:
  void encode(std::string& out, const Stamp& stamp) override {
    const std::size_t chosen = mix_.size() == 1 ? 0 : choice_(random_);
    mix_[chosen].append(out, payload_, stamp, random_);
  }

 private:
  std::vector<Message> mix_;
  boost::random::discrete_distribution<std::size_t> choice_;
  Payload payload_;
  Random random_;
};

// Which connection is idle the seed does not decide: requests are numbered in one row.
class HttpMessages final : public MixedMessages<HttpRequest> {
 public:
  using MixedMessages::MixedMessages;

 private:
  void encode(std::string& out, const Stamp& stamp) override {
    MixedMessages::encode(out, {0, next_sequence_++, stamp.intended_ns});
  }

  std::uint64_t next_sequence_ = 0;
};

template <class Weighted>
std::vector<double> weights_of(const std::vector<Weighted>& mix) {
  std::vector<double> weights;
  for (const Weighted& message : mix) weights.push_back(message.weight);
  return weights;
}

std::unique_ptr<MessageStream> redis_messages(const LoadPlan& plan, Random random) {
  std::vector<RedisCommand> commands;
  for (const auto& command : plan.redis.commands) commands.emplace_back(command.text);
  return std::make_unique<MixedMessages<RedisCommand>>(std::move(commands), weights_of(plan.redis.commands),
                                                       Payload(plan.payload), random);
}

std::unique_ptr<MessageStream> http_messages(const LoadPlan& plan, Random random) {
  std::vector<HttpRequest> requests;
  for (const auto& request : plan.http.requests) requests.emplace_back(plan.http, request);
  return std::make_unique<HttpMessages>(std::move(requests), weights_of(plan.http.requests),
                                        Payload(plan.payload), random);
}

// 4 bytes of length, the highest first.
void append_length(std::string& out, std::size_t length) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(length >> shift);
}

class FrameMessages final : public MessageStream {
 public:
  FrameMessages(Payload payload, Random random) : payload_(std::move(payload)), random_(random) {}

 private:
  void encode(std::string& out, const Stamp& stamp) override {
    const std::size_t size = payload_.next_size(random_);
    append_length(out, size);
    payload_.append(out, size, stamp, random_);
  }

  Payload payload_;
  Random random_;
};

class WrappedMessages final : public MessageStream {
 public:
  explicit WrappedMessages(WrappedPayload payload) : payload_(std::move(payload)) {}

 private:
  void encode(std::string& out, const Stamp& stamp) override { payload_.append(out, stamp); }

  WrappedPayload payload_;
};

// What stands around the payload where nothing else changes.
std::optional<RedisCommand::Wrapping> wrapping_of(const LoadPlan& plan) {
  if (plan.kind == LoadKind::redis)
    return plan.redis.commands.size() == 1
               ? RedisCommand(plan.redis.commands.front().text).wrapping(plan.payload.most)
               : std::nullopt;
  std::string length;
  append_length(length, plan.payload.most);
  return RedisCommand::Wrapping{length, ""};
}

}  // namespace

void MessageStream::append_next(std::string& out, const Stamp& stamp) {
  const std::size_t begin = out.size();
  encode(out, stamp);
  if (!sealed_) hash_.add(std::string_view(out).substr(begin), stamp.intended_ns);
}

std::unique_ptr<MessageStream> make_message_stream(const LoadPlan& plan) {
  Random random = seeded(plan.seed, Purpose::messages);
  if (plan.kind == LoadKind::http) return http_messages(plan, random);
  Payload payload(plan.payload);
  if (const auto wrapping = wrapping_of(plan); wrapping && payload.has_one_size() && payload.is_stamped())
    return std::make_unique<WrappedMessages>(
        WrappedPayload(wrapping->before, payload, wrapping->after, random));
  if (plan.kind == LoadKind::frames) return std::make_unique<FrameMessages>(std::move(payload), random);
  return redis_messages(plan, random);
}

}  // namespace soakline
