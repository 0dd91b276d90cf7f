#include "loadgen/message_stream.hpp"

#include <utility>

#include <boost/random/discrete_distribution.hpp>

#include "loadgen/payload.hpp"
#include "loadgen/redis_command.hpp"
#include "loadgen/seeded.hpp"

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

// 4 bytes of length, the highest first, then the payload.
class FrameMessages final : public MessageStream {
 public:
  FrameMessages(Payload payload, Random random) : payload_(std::move(payload)), random_(random) {}

 private:
  void encode(std::string& out, const Stamp& stamp) override {
    const std::size_t size = payload_.next_size(random_);
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    payload_.append(out, size, stamp, random_);
  }

  Payload payload_;
  Random random_;
};

}  // namespace

void MessageStream::append_next(std::string& out, const Stamp& stamp) {
  const std::size_t begin = out.size();
  encode(out, stamp);
  if (!sealed_) hash_.add(std::string_view(out).substr(begin), stamp.intended_ns);
}

std::unique_ptr<MessageStream> make_message_stream(const LoadPlan& plan) {
  Random random = seeded(plan.seed, Purpose::messages);
  if (plan.kind == LoadKind::frames) return std::make_unique<FrameMessages>(Payload(plan.payload), random);
  return std::make_unique<RedisMessages>(plan.redis.commands, Payload(plan.payload), random);
}

}  // namespace soakline
