#include "loadgen/greeting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "loadgen/redis_command.hpp"

namespace soakline {
namespace {

void add(Greeting& greeting, const std::vector<std::string_view>& words) {
  greeting.bytes += fmt::format("*{}\r\n", words.size());
  for (const auto word : words) greeting.bytes += fmt::format("${}\r\n{}\r\n", word.size(), word);
  ++greeting.answers;
}

}  // namespace

Greeting greeting_of(const LoadPlan& plan, std::string_view channel) {
  Greeting greeting;
  if (plan.kind != LoadKind::redis) return greeting;
  const RedisPlan& redis = plan.redis;
  greeting.resp = redis.resp;
  if (redis.user.empty() && !redis.password.empty()) add(greeting, {"AUTH", redis.password});
  if (!redis.user.empty()) add(greeting, {"AUTH", redis.user, redis.password});
  if (redis.resp == Resp::v3) add(greeting, {"HELLO", "3"});
  if (!channel.empty()) add(greeting, {"SUBSCRIBE", channel});
  // A server tells only after the handshake that it does not trust our certificate.
  if (plan.tls && greeting.answers == 0) add(greeting, {"PING"});
  return greeting;
}

std::string published_channel(const RedisPlan& plan) {
  const auto words = words_of(plan.commands.front().text);
  if (plan.commands.size() != 1 || words.size() != 3 || words[2] != "{payload}") return "";
  std::string name(words[0]);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  const Template word(words[1]);  // its text is looked at below
  const auto channel = word.constant();
  return name == "PUBLISH" && channel ? std::string(*channel) : "";
}

}  // namespace soakline
