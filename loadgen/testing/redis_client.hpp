// Commands of a test to a redis-server that it started, as hiredis sends them.
#pragma once

#include <hiredis/hiredis.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace soakline {

class RedisClient {
 public:
  // To a unix socket.
  explicit RedisClient(const std::string& socket) : context_(redisConnectUnix(socket.c_str()), redisFree) {
    if (context_->err != 0) throw std::runtime_error(context_->errstr);
  }

  using Value = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;
  Value ask(const std::vector<std::string>& words) const {
    append(words);
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) throw std::runtime_error(context_->errstr);
    return {static_cast<redisReply*>(reply), freeReplyObject};
  }
  // Of a string, a status or an error.
  std::string text(const std::vector<std::string>& words) const {
    const Value value = ask(words);
    return value->str != nullptr ? std::string(value->str, value->len) : "";
  }

  // The bytes alone, for what hiredis does not understand.
  void send(const std::vector<std::string>& words) const {
    append(words);
    for (int done = 0; done == 0;)
      if (redisBufferWrite(context_.get(), &done) != REDIS_OK) throw std::runtime_error(context_->errstr);
  }
  std::string read_some() const {
    std::string bytes(64 << 10, '\0');
    const ssize_t size = ::read(context_->fd, bytes.data(), bytes.size());
    if (size <= 0) throw std::runtime_error("redis-server hung up");
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
  }

 private:
  void append(const std::vector<std::string>& words) const {
    std::vector<const char*> begins;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
      begins.push_back(word.data());
      sizes.push_back(word.size());
    }
    redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), begins.data(), sizes.data());
  }

  std::unique_ptr<redisContext, decltype(&redisFree)> context_;
};

}  // namespace soakline
