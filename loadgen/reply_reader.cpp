#include "loadgen/reply_reader.hpp"

#include "loadgen/frame_replies.hpp"
#include "loadgen/redis_replies.hpp"

namespace soakline {

std::unique_ptr<ReplyReader> make_reply_reader(const LoadPlan& plan) {
  if (plan.kind == LoadKind::frames) return std::make_unique<FrameReplies>();
  return std::make_unique<RedisReplies>(plan.redis.resp);
}

}  // namespace soakline
