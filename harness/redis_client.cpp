#include "harness/redis_client.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <cstdlib>
#include <memory>

#include "harness/host_port.hpp"

namespace soakline {
namespace {

using RedisContext = std::unique_ptr<redisContext, decltype(&redisFree)>;

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, FreeReply>;

RedisContext redis_at(const std::string& address) {
  const timeval patience{1, 0};
  RedisContext context(nullptr, redisFree);
  if (address.starts_with("unix:")) {
    context.reset(redisConnectUnixWithTimeout(address.substr(5).c_str(), patience));
  } else {
    const HostPort to = host_port(address.starts_with("redis://") ? address.substr(8) : address, "6379");
    context.reset(redisConnectWithTimeout(to.host.c_str(), std::atoi(to.port.c_str()), patience));
  }
  if (context && context->err != 0) context.reset();
  if (context) redisSetTimeout(context.get(), patience);
  return context;
}

template <class... Arguments>
RedisReply ask(const std::string& address, const char* command, Arguments... arguments) {
  const RedisContext context = redis_at(address);
  return RedisReply(context ? static_cast<redisReply*>(redisCommand(context.get(), command, arguments...))
                            : nullptr);
}

}  // namespace

bool redis_answers(const std::string& address) {
  const RedisReply reply = ask(address, "PING");
  return reply && reply->type == REDIS_REPLY_STATUS;
}

long long redis_subscribers(const std::string& address, const std::string& channel) {
  const RedisReply reply = ask(address, "PUBSUB NUMSUB %s", channel.c_str());
  if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) return 0;
  return reply->element[1]->integer;
}

std::optional<long long> kill_redis_clients(const std::string& address, const std::string& type) {
  const RedisReply reply = ask(address, "CLIENT KILL TYPE %s", type.c_str());
  if (!reply || reply->type != REDIS_REPLY_INTEGER) return std::nullopt;
  return reply->integer;
}

}  // namespace soakline
