#include "scenarios/redis_subscription/reply.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include "scenarios/redis_subscription/errors.hpp"

namespace redis_subscription {

Reply to_reply(const redisReply& reply) {
  Reply result;
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      result.kind = reply.type == REDIS_REPLY_STRING   ? Reply::Kind::text
                    : reply.type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                       : Reply::Kind::error;
      result.text.assign(reply.str, static_cast<std::size_t>(reply.len));
      return result;
    case REDIS_REPLY_INTEGER:
      result.kind = Reply::Kind::integer;
      result.integer = reply.integer;
      return result;
    case REDIS_REPLY_NIL:
      return result;
    case REDIS_REPLY_ARRAY:
      result.kind = Reply::Kind::array;
      result.items.reserve(reply.elements);
      for (std::size_t i = 0; i < reply.elements; ++i) result.items.push_back(to_reply(*reply.element[i]));
      return result;
    default:
      throw ConnectionLost(fmt::format("a reply of the unknown type {}", reply.type));
  }
}

}  // namespace redis_subscription
