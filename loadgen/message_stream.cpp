#include "loadgen/message_stream.hpp"

#include <utility>

#include "loadgen/payload.hpp"
#include "loadgen/redis_command.hpp"
#include "loadgen/seeded.hpp"

namespace soakline {
namespace {

class RedisMessages final : public MessageStream {
 public:
  RedisMessages(RedisCommand command, Random random) : command_(std::move(command)), random_(random) {}

 private:
  void encode(std::string& out) override { command_.append_next(out, random_); }

  RedisCommand command_;
  Random random_;
};

// 4 bytes of length, the highest first, then the payload.
class FrameMessages final : public MessageStream {
 public:
  FrameMessages(Payload payload, Random random) : payload_(std::move(payload)), random_(random) {}

 private:
  void encode(std::string& out) override {
    const std::size_t begin = out.size();
    out.append(4, '\0');
    payload_.append_next(out, random_);
    const std::size_t length = out.size() - begin - 4;
    for (std::size_t i = 0; i < 4; ++i) out[begin + i] = static_cast<char>(length >> (24 - 8 * i));
  }

  Payload payload_;
  Random random_;
};

}  // namespace

void MessageStream::append_next(std::string& out, std::int64_t intended_ns) {
  const std::size_t begin = out.size();
  encode(out);
  if (!sealed_) hash_.add(std::string_view(out).substr(begin), intended_ns);
}

std::unique_ptr<MessageStream> make_message_stream(const LoadPlan& plan) {
  Random random = seeded(plan.seed, Purpose::messages);
  if (plan.kind == LoadKind::frames) return std::make_unique<FrameMessages>(Payload(plan.payload), random);
  return std::make_unique<RedisMessages>(RedisCommand(plan.commands.front().text, Payload(plan.payload)),
                                         random);
}

}  // namespace soakline
