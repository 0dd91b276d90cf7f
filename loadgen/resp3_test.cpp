// What a real redis-server says in RESP3, and that our scanner finds exactly the values that it said.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loadgen/resp_scanner.hpp"
#include "loadgen/testing/redis_client.hpp"
#include "loadgen/testing/redis_server.hpp"

namespace soakline {
namespace {

struct Found {
  int values = 0, pushes = 0, errors = 0;
  std::string last;  // the value that came last
};

// In pieces of a size, as a socket might cut them.
Found scan(std::string_view bytes, std::size_t piece) {
  RespScanner scanner(Resp::v3);
  Found all;
  std::string window;
  std::size_t begin = 0, consumed = 0;
  for (std::size_t end = 0; end < bytes.size();) {
    const auto more = bytes.substr(end, piece);
    end += more.size();
    window += more;
    std::size_t at = 0;
    for (auto found = scanner.next(window, at); found != RespScanner::Found::more;
         found = scanner.next(window, at)) {
      if (found == RespScanner::Found::broken) throw std::runtime_error("broken: " + std::string(bytes));
      const bool push = found == RespScanner::Found::push;
      ++(push ? all.pushes : all.values);
      all.errors += !push && scanner.is_error() ? 1 : 0;
      all.last = bytes.substr(begin, consumed + at - begin);
      begin = consumed + at;
    }
    consumed += at;
    window.erase(0, at);
  }
  return all;
}

class Resp3Test : public testing::Test {
 protected:
  Resp3Test() { answer_to({"HELLO", "3"}); }

  // The answer and what was pushed before an ECHO's answer, of which nothing may be left over.
  std::string answer_to(const std::vector<std::string>& words) {
    client.send(words);
    client.send({"ECHO", "the end"});
    std::string bytes;
    while (!bytes.ends_with(end)) bytes += client.read_some();
    return bytes;
  }
  void expect_one_value(const std::vector<std::string>& words, char type, int pushes = 0) {
    const std::string bytes = answer_to(words);
    EXPECT_NE(bytes.find(type), std::string::npos) << "the server says it otherwise: " << bytes;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, bytes.size()}) {
      const Found found = scan(bytes, piece);
      EXPECT_EQ(found.values, 2) << words.front() << " in pieces of " << piece;
      EXPECT_EQ(found.pushes, pushes) << words.front();
      EXPECT_EQ(found.errors, 0) << bytes.substr(0, 200);
      EXPECT_EQ(found.last, end);
    }
  }

  static constexpr std::string_view end = "$7\r\nthe end\r\n";
  RedisServer server;
  RedisClient client{server.socket()};
};

TEST_F(Resp3Test, EveryAnswerIsOneValue) {
  answer_to({"HSET", "hash", "a", "1", "b", std::string("\r\n*3\r\n", 6)});
  answer_to({"SADD", "set", "x", "y", "z"});
  answer_to({"ZADD", "sorted", "1.5", "one", "inf", "two"});
  expect_one_value({"HELLO", "3"}, '%');
  expect_one_value({"HGETALL", "hash"}, '%');
  expect_one_value({"HGETALL", "nothing"}, '%');
  expect_one_value({"SMEMBERS", "set"}, '~');
  expect_one_value({"ZRANGE", "sorted", "0", "-1", "WITHSCORES"}, ',');
  expect_one_value({"GET", "nothing"}, '_');
  expect_one_value({"COMMAND", "INFO", "GET", "EVAL"}, '~');
  expect_one_value({"CONFIG", "GET", "*"}, '%');
}

TEST_F(Resp3Test, WhateverAScriptReturnsIsOneValue) {
  const auto script = [](std::string text) { return std::vector<std::string>{"EVAL", std::move(text), "0"}; };
  expect_one_value(script("return {map={a={map={b=1}}, c=2}}"), '%');
  expect_one_value(script("return {set={a=true, b=true}}"), '~');
  expect_one_value(script("return {double=-1.5e300}"), ',');
  expect_one_value(script("return {big_number='123456789012345678901234567890'}"), '(');
  expect_one_value(script("return {verbatim_string={format='txt', string='a\\r\\nb'}}"), '=');
  expect_one_value(script("return nil"), '_');
  expect_one_value(script("redis.setresp(3) return true"), '#');
  expect_one_value(
      script("local all = {} for i = 1, 3000 do all[i] = {i, {'x', {double=i}}, {map={k={i}}}} end "
             "return all"),
      '*');
}

TEST_F(Resp3Test, WhatTrackingPushesIsNoAnswer) {
  answer_to({"SET", "tracked", "1"});
  answer_to({"CLIENT", "TRACKING", "ON"});
  expect_one_value({"GET", "tracked"}, '$');
  expect_one_value({"SET", "tracked", "2"}, '>', 1);
}

}  // namespace
}  // namespace soakline
