#include "scenarios/redis_subscription/connection.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "scenarios/redis_subscription/errors.hpp"

namespace redis_subscription {
namespace {

using Clock = std::chrono::steady_clock;

redisContext* start_connect(const Endpoint& endpoint) {
  return endpoint.is_unix() ? redisConnectUnixNonBlock(endpoint.socket_path.c_str())
                            : redisConnectNonBlock(endpoint.host.c_str(), endpoint.port);
}

std::string encode(Words words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const auto word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* encoded = nullptr;
  const int size =
      redisFormatCommandArgv(&encoded, static_cast<int>(words.size()), starts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  std::string result(encoded, static_cast<std::size_t>(size));
  redisFreeCommand(encoded);
  return result;
}

}  // namespace

void Connection::Release::operator()(redisContext* context) const {
  redisFree(context);
}

Connection::Connection(const Endpoint& endpoint, Milliseconds timeout, const WakeEvent& interrupt)
    : interrupt_(interrupt), context_(start_connect(endpoint)) {
  if (!context_) throw std::bad_alloc();
  if (context_->err != 0) throw ConnectionLost(context_->errstr);
  finish_connect(timeout);
  // A peer that vanished without a word is noticed by the kernel.
  if (!endpoint.is_unix() && redisEnableKeepAlive(context_.get()) != REDIS_OK) {
    throw ConnectionLost(context_->errstr);
  }
}

void Connection::finish_connect(Milliseconds timeout) {
  await(POLLOUT, timeout, Clock::now() + timeout);
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) throw ConnectionLost(std::strerror(error));
}

int Connection::fd() const {
  return context_->fd;
}

void Connection::await(short events, Milliseconds timeout, Deadline deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now());
    pollfd waits[] = {{fd(), events, 0}, {interrupt_.fd(), POLLIN, 0}};
    const int ready = ::poll(waits, 2, static_cast<int>(std::max<Milliseconds::rep>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) throw ConnectionLost(fmt::format("poll: {}", std::strerror(errno)));
    if (waits[1].revents != 0) throw ConnectionLost("the multiplexer is closing");
    if (waits[0].revents != 0) return;
    if (ready == 0) throw ConnectionLost(fmt::format("no answer within {} ms", timeout.count()));
  }
}

void Connection::send(Words words, Milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  const std::string encoded = encode(words);
  std::size_t sent = 0;
  while (sent < encoded.size()) {
    const auto count = ::send(fd(), encoded.data() + sent, encoded.size() - sent, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      await(POLLOUT, timeout, deadline);
    } else if (errno != EINTR) {
      throw ConnectionLost(std::strerror(errno));
    }
  }
}

Reply Connection::command(Words words, Milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  send(words, timeout);
  for (;;) {
    if (auto reply = next_reply()) return std::move(*reply);
    await(POLLIN, timeout, deadline);
  }
}

std::optional<Reply> Connection::next_reply() {
  if (auto reply = buffered_reply()) return reply;
  if (redisBufferRead(context_.get()) != REDIS_OK) throw ConnectionLost(context_->errstr);
  return buffered_reply();
}

std::optional<Reply> Connection::buffered_reply() {
  void* raw = nullptr;
  if (redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) throw ConnectionLost(context_->errstr);
  if (raw == nullptr) return std::nullopt;
  struct Free {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
  };
  const std::unique_ptr<redisReply, Free> reply(static_cast<redisReply*>(raw));
  return to_reply(*reply);
}

bool Connection::hung_up() const {
  pollfd state{fd(), POLLRDHUP, 0};
  return ::poll(&state, 1, 0) > 0;
}

}  // namespace redis_subscription
