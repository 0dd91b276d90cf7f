// HTTP loads against a server that answers, refuses, closes and dies as a test wants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/http_target.hpp"
#include "loadgen/load_run.hpp"
#include "loadgen/testing/byte_server.hpp"
#include "loadgen/testing/child_process.hpp"
#include "loadgen/testing/http_server.hpp"

namespace soakline {
namespace {

using ::testing::HasSubstr;
using Answer = HttpServer::Answer;
using Request = HttpServer::Request;

LoadPlan load_on(const std::string& url, std::optional<double> rate_per_s, double time_s) {
  LoadPlan plan;
  const HttpTarget target = parse_http_target(url);
  plan.kind = LoadKind::http;
  plan.to = target.address;
  plan.http.host = target.host;
  plan.pace.rate_per_s = rate_per_s;
  plan.time_s = time_s;
  plan.connections = 3;
  return plan;
}

void expect_balanced(const LoadResult& result) {
  const Ledger& ledger = result.ledger;
  EXPECT_EQ(ledger.offered, ledger.sent + ledger.dropped);
  EXPECT_EQ(ledger.sent, ledger.answered + ledger.failed + ledger.in_flight());
  EXPECT_EQ(ledger.from_sent.count(), ledger.answered);
  EXPECT_EQ(ledger.lateness.count(), ledger.sent);
}

TEST(HttpLoad, EveryRequestOfTheScheduleIsAnswered) {
  std::atomic<int> posts{0};
  std::atomic<bool> right{true};
  const HttpServer server([&](const Request& request) -> Answer {
    if (request.method == "POST") {
      ++posts;
      right = right && request.body.size() == 20 && request.headers.at("X-Seed") == "a b";
    }
    return {HttpServer::saying("200 OK", "hello")};
  });
  LoadPlan plan = load_on(server.url(), 1000, 0.5);
  plan.http.requests = {{1, "GET", "/orders/{zipf:100}", ""}, {1, "POST", "/orders", "{payload}"}};
  plan.http.headers = {{"X-Seed", "a b"}};
  plan.payload = {20, 20};
  const auto result = run_load(plan);
  EXPECT_EQ(result->ledger.answered, 500U) << result->ledger.first_failure;
  EXPECT_NEAR(posts, 250, 70);
  EXPECT_TRUE(right);
  EXPECT_EQ(result->http->by_class[2], 500U);
  EXPECT_EQ(result->http->connections, 3U);
  expect_balanced(*result);
}

TEST(HttpLoad, TheStreamDependsOnTheSeedAndNotOnWhichConnectionWasIdle) {
  const HttpServer server([](const Request&) -> Answer { return {HttpServer::saying("200 OK")}; });
  LoadPlan plan = load_on(server.url(), 2000, 0.2);
  plan.http.requests = {{1, "PUT", "/{uniform:9}", "{payload}"}};
  const std::string hash = run_load(plan)->stream_hash;
  plan.connections = 11;
  EXPECT_EQ(run_load(plan)->stream_hash, hash);
  plan.seed = 8;
  EXPECT_NE(run_load(plan)->stream_hash, hash);
}

TEST(HttpLoad, HeadsChunksEmptyAnswersAndHintsAreUnderstood) {
  const HttpServer server([](const Request& request) -> Answer {
    if (request.method == "HEAD") return {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"};
    if (request.method == "DELETE") return {"HTTP/1.1 204 No Content\r\n\r\n"};
    return {
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n"};
  });
  LoadPlan plan = load_on(server.url(), 1000, 0.2);
  plan.http.requests = {{1, "HEAD", "/", ""}, {1, "DELETE", "/", ""}, {1, "GET", "/", ""}};
  const auto result = run_load(plan);
  EXPECT_EQ(result->ledger.answered, 200U) << result->ledger.first_failure;
  EXPECT_EQ(result->http->connections, 3U);
}

TEST(HttpLoad, OneRequestIsInFlightOnEachConnection) {
  std::atomic<int> most{0};
  const ByteServer server([&](std::string_view bytes, std::uint64_t) {
    int requests = 0;
    for (auto at = bytes.find("GET /"); at != bytes.npos; at = bytes.find("GET /", at + 1)) ++requests;
    most = std::max(most.load(), requests);
    return HttpServer::saying("200 OK");
  });
  for (const bool open : {true, false}) {
    const auto result = run_load(load_on(server.address(), open ? std::optional(5000.0) : std::nullopt, 0.2));
    EXPECT_GT(result->ledger.answered, 100U);
    EXPECT_EQ(most, 1);
    expect_balanced(*result);
  }
}

TEST(HttpLoad, FailuresSayTheirStatus) {
  const HttpServer server([](const Request& request) -> Answer {
    return {HttpServer::saying(request.on_connection % 2 == 0 ? "200 OK" : "503 Service Unavailable")};
  });
  const auto result = run_load(load_on(server.url(), 600, 0.2));
  EXPECT_EQ(result->ledger.answered + result->ledger.failed, 120U);
  EXPECT_EQ(result->http->by_class[5], result->ledger.failed);
  EXPECT_THAT(result->ledger.first_failure, HasSubstr("503 Service Unavailable"));
  expect_balanced(*result);
}

TEST(HttpLoad, AServerThatClosesAfterAnAnswerIsNoFailureHoweverItDoes) {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\n\r\nuntil the end", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}) {
    const HttpServer server([&](const Request& request) -> Answer {
      return {answer,
              request.on_connection == 1 || std::string_view(answer).find("until") != std::string::npos};
    });
    for (const bool open : {true, false}) {
      const auto result = run_load(load_on(server.url(), open ? std::optional(500.0) : std::nullopt, 0.3));
      EXPECT_EQ(result->ledger.failed, 0U) << answer << result->ledger.first_failure;
      EXPECT_GT(result->ledger.answered, 100U) << answer;
      EXPECT_GT(result->http->connections, 50U);
      expect_balanced(*result);
    }
  }
}

TEST(HttpLoad, AConnectionARequestIsOpenedWhereThatIsAsked) {
  std::atomic<bool> told{true}, reused{false};
  const HttpServer server([&](const Request& request) -> Answer {
    told = told && request.headers.contains("Connection");
    reused = reused || request.on_connection > 0;
    return {HttpServer::saying("200 OK")};
  });
  LoadPlan plan = load_on(server.url(), 300, 0.5);
  plan.http.close = true;
  const auto result = run_load(plan);
  EXPECT_EQ(result->ledger.answered, 150U) << result->ledger.first_failure;
  EXPECT_GE(result->http->connections, 150U);
  EXPECT_TRUE(told);
  EXPECT_FALSE(reused);
}

TEST(HttpLoad, AServerThatDiesInTheMiddleOfAnswersFailsThem) {
  const HttpServer server([](const Request& request) -> Answer {
    if (request.on_connection == 9) return {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut", true};
    return {HttpServer::saying("200 OK")};
  });
  const auto result = run_load(load_on(server.url(), std::nullopt, 0.3));
  EXPECT_GT(result->ledger.answered, 9 * result->ledger.failed - 30);
  EXPECT_GT(result->ledger.failed, 2U);
  EXPECT_THAT(result->ledger.first_failure, HasSubstr("the server closed the connection"));
  expect_balanced(*result);
}

TEST(HttpLoad, AServerThatIsNoHttpServerFailsAll) {
  const ByteServer server([](std::string_view, std::uint64_t) { return "-ERR unknown command\r\n"; });
  const auto result = run_load(load_on(server.address(), 500, 0.1));
  EXPECT_EQ(result->ledger.answered, 0U);
  EXPECT_THAT(result->ledger.first_failure, HasSubstr("is not HTTP/1.1"));
  expect_balanced(*result);
}

TEST(HttpLoad, ASlowAnswerDoesNotHoldUpRequestsThatHaveAnIdleConnection) {
  const ByteServer server([](std::string_view bytes, std::uint64_t before) {
    if (bytes.find("/slow") != bytes.npos && before == 0) return std::string();  // never
    return HttpServer::saying("200 OK");
  });
  LoadPlan plan = load_on(server.address(), 200, 0.3);
  plan.http.requests = {{1, "GET", "/slow", ""}, {30, "GET", "/", ""}};
  const auto result = run_load(plan);
  EXPECT_LE(result->ledger.in_flight(), 2U);
  EXPECT_GE(result->ledger.answered, 58U);
  expect_balanced(*result);
}

std::vector<std::string> command(std::vector<std::string> arguments) {
  const char* bin = std::getenv("SOAKLINE_BIN");
  arguments.insert(arguments.begin(), {std::string(bin ? bin : ".") + "/soakline-load", "http"});
  return arguments;
}

TEST(HttpLoad, AServerThatIsKilledAndComesBackIsLoadedAgain) {
  const auto answer = [](const Request&) -> Answer { return {HttpServer::saying("200 OK")}; };
  auto server = std::make_unique<HttpServer>(answer);
  const std::uint16_t port = server->port();
  ChildProcess load(command({"--to", server->url() + "/orders", "--rate", "500/s", "--connections", "3",
                             "--time", "60s", "--json", "--progress", "20ms"}));
  const auto until = [&](auto wanted) {
    while (const auto line = load.read_line())
      if (auto progress = nlohmann::json::parse(*line); wanted(progress)) return progress;
    throw std::runtime_error("the load ended first: " + load.wait().errors);
  };
  until([](const auto& now) { return now.at("answered") > 50; });
  server.reset();
  const auto gone =
      until([](const auto& now) { return now.at("offered") > now.at("sent").template get<int>() + 20; });
  server = std::make_unique<HttpServer>(answer, port);
  until([&](const auto& now) { return now.at("answered") > gone.at("offered").template get<int>() + 20; });
  load.send(SIGTERM);
  const auto ended = load.wait();
  EXPECT_EQ(ended.exit_code, 0);
  const auto result = nlohmann::json::parse(ended.last_line);
  EXPECT_EQ(result.at("dropped"), 0) << "what was due meanwhile has waited";
  EXPECT_EQ(result.at("unexplained"), 0);
  EXPECT_EQ(result.at("http").at("2xx"), result.at("answered"));
}

TEST(HttpLoad, AMistakeOnTheCommandLineIsNamedWithItsFix) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes = {
      {{"--to", "https://a"}, "--to: 'https://a' needs TLS"},
      {{"--to", "http://a", "--path", "orders"}, "begins with /"},
      {{"--to", "http://a/b", "--path", "/c"}, "--path and the path of --to"},
      {{"--to", "http://a", "--request", "GET /", "--method", "PUT"}, "--request says method"},
      {{"--to", "http://a", "--path", "/{zipf:0}"}, "GET /{zipf:0}: {zipf:0} needs a whole number"},
      {{"--to", "http://a", "--header", "Accept"}, "--header: 'Accept' is no header"},
      {{"--to", "http://a", "--payload", "9B"}, "no request has {payload}"},
  };
  for (auto [arguments, said] : mistakes) {
    arguments.insert(arguments.end(), {"--closed", "1"});
    const auto ended = ChildProcess(command(arguments)).wait();
    EXPECT_EQ(ended.exit_code, 2) << said;
    EXPECT_THAT(ended.errors, HasSubstr(said));
  }
  const auto deep = ChildProcess(command({"--to", "http://a", "--closed", "2"})).wait();
  EXPECT_THAT(deep.errors, HasSubstr("give more --connections"));
}

}  // namespace
}  // namespace soakline
