#include "loadgen/message_stream.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/random/discrete_distribution.hpp>

#include "loadgen/payload.hpp"
#include "loadgen/redis_command.hpp"
#include "loadgen/seeded.hpp"
#include "loadgen/wrapped_payload.hpp"

namespace soakline {
namespace {

class RedisMessages final : public MessageStream {
 public:
  RedisMessages(const std::vector<WeightedCommand>& mix, Payload payload, Random random)
      : payload_(std::move(payload)), random_(random) {
    std::vector<double> weights;
    for (const WeightedCommand& command : mix) {
      commands_.emplace_back(command.text);
      weights.push_back(command.weight);
    }
    choice_ = boost::random::discrete_distribution<std::size_t>(weights);
  }

 private:
  void encode(std::string& out, const Stamp& stamp) override {
    const std::size_t chosen = commands_.size() == 1 ? 0 : choice_(random_);
    commands_[chosen].append(out, payload_, stamp, random_);
  }

  std::vector<RedisCommand> commands_;
  boost::random::discrete_distribution<std::size_t> choice_;
  Payload payload_;
  Random random_;
};

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
  Payload payload(plan.payload);
  if (const auto wrapping = wrapping_of(plan); wrapping && payload.has_one_size() && payload.is_stamped())
    return std::make_unique<WrappedMessages>(
        WrappedPayload(wrapping->before, payload, wrapping->after, random));
  if (plan.kind == LoadKind::frames) return std::make_unique<FrameMessages>(std::move(payload), random);
  return std::make_unique<RedisMessages>(plan.redis.commands, std::move(payload), random);
}

}  // namespace soakline
