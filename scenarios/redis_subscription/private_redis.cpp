#include "scenarios/redis_subscription/private_redis.hpp"

#include <signal.h>

#include <stdexcept>

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_subscription {
namespace {

using namespace std::chrono_literals;

}  // namespace

PrivateRedis::PrivateRedis(Endpoint endpoint, std::vector<std::string> arguments)
    : endpoint_(std::move(endpoint)), arguments_(std::move(arguments)) {
  if (endpoint_.port == 0) endpoint_.socket_path = directory() / "redis.sock";
  start();
}

void PrivateRedis::start() {
  const std::string port = std::to_string(endpoint_.port);  // 0: none
  std::vector<std::string> command{"redis-server", "--port", port,    "--bind",   "127.0.0.1", "--save", "",
                                   "--appendonly", "no",     "--dir", directory()};
  if (endpoint_.is_unix()) command.insert(command.end(), {"--unixsocket", endpoint_.socket_path});
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<ChildProcess>(command, directory() / "redis.log");

  bool answers = false;
  wait_until([&] {
    if (process_->wait(0ms)) return true;
    try {
      this->command({"PING"});
      answers = true;
    } catch (const RedisError&) {
    }
    return answers;
  });
  if (!answers) throw std::runtime_error("redis-server does not start: " + process_->output());
}

void PrivateRedis::stop() {
  process_.reset();
}

void PrivateRedis::freeze() const {
  process_->signal(SIGSTOP);
}

Reply PrivateRedis::command(Words words) const {
  const WakeEvent never;
  Connection connection(endpoint_, 20s, never);
  Reply reply = connection.command(words, 20s);
  if (reply.is_error()) throw ServerError(reply.text);
  return reply;
}

}  // namespace redis_subscription
