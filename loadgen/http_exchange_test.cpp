#include "loadgen/http_exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace soakline {
namespace {

using ::testing::StartsWith;

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class HttpExchangeTest : public testing::Test {
 protected:
  HttpExchangeTest() { talk.opened(); }

  void offer(const char* method, std::int64_t intended_ns = 0) {
    LoadPlan plan;
    plan.kind = LoadKind::http;
    plan.http.requests = {{1, method, "/", ""}};
    talk.offer(*make_message_stream(plan), intended_ns);
  }
  // What goes out now, all of it written.
  std::string send(std::int64_t now_ns = 0) {
    std::string bytes(talk.to_write(now_ns));
    talk.wrote(bytes.size());
    return bytes;
  }

  Ledger ledger;
  HttpAccount account;
  HttpExchange talk{ledger, account, {3, 1 << 20}, false};
};

TEST_F(HttpExchangeTest, TheNextRequestWaitsForTheAnswer) {
  offer("GET");
  offer("DELETE");
  EXPECT_THAT(send(), StartsWith("GET"));
  EXPECT_EQ(send(), "");
  EXPECT_EQ(ledger.sent, 1U);
  EXPECT_EQ(talk.hear(ok, 0).answered, 1U);
  EXPECT_THAT(send(), StartsWith("DELETE"));
}

TEST_F(HttpExchangeTest, LatencyIsCountedFromTheIntendedTimeAndFromTheSending) {
  offer("GET", 1000);
  send(1100);
  talk.hear(ok, 1250);
  EXPECT_EQ(ledger.from_intended.max_ns(), 250);
  EXPECT_EQ(ledger.from_sent.max_ns(), 150);
  EXPECT_EQ(ledger.lateness.max_ns(), 100);
}

TEST_F(HttpExchangeTest, StatusesFromFourHundredOnAreFailures) {
  for (const char* status : {"200 OK", "302 Found", "404 Not Found", "503 Busy"}) {
    offer("GET");
    send();
    EXPECT_EQ(talk.hear("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n", 0).replies, 1U);
  }
  EXPECT_EQ(ledger.answered, 2U);
  EXPECT_EQ(ledger.failed, 2U);
  EXPECT_EQ(ledger.first_failure, "the server answered 404 Not Found");
  EXPECT_THAT(account.by_class, testing::ElementsAre(0, 0, 1, 1, 1, 1));
}

TEST_F(HttpExchangeTest, AnAnswerThatClosesIsNoFailureAndTheNextRequestGoesOutOnTheNextConnection) {
  offer("POST");
  offer("POST");
  send();
  EXPECT_TRUE(talk.hear("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 0).over);
  EXPECT_EQ(send(), "");
  talk.opened();
  EXPECT_THAT(send(), StartsWith("POST"));
  EXPECT_EQ(ledger.answered, 1U);
  EXPECT_EQ(ledger.failed, 0U);
  EXPECT_EQ(account.connections, 2U);
}

TEST_F(HttpExchangeTest, AnAnswerWithoutALengthIsCompleteWhenTheServerCloses) {
  offer("GET");
  send();
  EXPECT_EQ(talk.hear("HTTP/1.1 200 OK\r\n\r\nall", 0).replies, 0U);
  const auto heard = talk.ended(true, 5);
  EXPECT_EQ(heard.answered, 1U);
  EXPECT_TRUE(heard.over);
}

TEST_F(HttpExchangeTest, WithoutALengthAResetLosesTheAnswer) {
  offer("GET");
  send();
  talk.hear("HTTP/1.1 200 OK\r\n\r\nall", 0);
  EXPECT_FALSE(talk.ended(false, 5).over);
  talk.lost("reset");
  EXPECT_EQ(ledger.first_failure, "reset");
}

TEST_F(HttpExchangeTest, ARequestThatMetAClosingServerIsSentAgainWhereItMayBe) {
  for (const char* method : {"GET", "POST"}) {
    offer("GET");
    send();
    talk.hear(ok, 0);
    offer(method, 1000);
    const std::string request = send(1000);
    if (method != std::string("GET")) {
      EXPECT_FALSE(talk.ended(true, 0).over) << "a second order would be another order";
      talk.lost("closed");
      continue;
    }
    EXPECT_TRUE(talk.ended(true, 0).over);
    talk.opened();
    EXPECT_EQ(send(2000), request);
    talk.hear(ok, 3000);
    EXPECT_EQ(ledger.from_sent.max_ns(), 2000) << "from when it was sent first";
    EXPECT_EQ(ledger.failed, 0U);
  }
  EXPECT_EQ(account.repeated, 1U);
  EXPECT_EQ(ledger.sent, 4U);
  EXPECT_EQ(ledger.failed, 1U);
}

TEST_F(HttpExchangeTest, AServerThatClosesWithoutEverAnsweringIsAFailure) {
  offer("GET");
  send();
  EXPECT_FALSE(talk.ended(true, 0).over);
  talk.lost("closed");
  EXPECT_EQ(ledger.failed, 1U);
}

TEST_F(HttpExchangeTest, AnAnswerThatNobodyAskedForEndsTheConnection) {
  EXPECT_NE(talk.hear(ok, 0).broken, "");
  EXPECT_TRUE(
      talk.hear("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 0).over);
}

TEST_F(HttpExchangeTest, WhatIsFullDropsAndTheEndDropsWhatWaits) {
  for (int i = 0; i < 5; ++i) offer("GET");
  EXPECT_EQ(ledger.dropped, 2U);
  send();
  talk.drop_waiting();
  EXPECT_EQ(ledger.dropped, 4U);
  EXPECT_EQ(ledger.in_flight(), 1U);
  EXPECT_EQ(talk.hear(ok, 0).answered, 1U);
  EXPECT_EQ(talk.held(), 0U);
}

}  // namespace
}  // namespace soakline
