// The real binary against a real redis-server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/testing/load_process.hpp"
#include "loadgen/testing/redis_server.hpp"

namespace soakline {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SoaklineLoad, ItsLastLineIsTheWholeAccount) {
  const RedisServer server;
  const auto ended = ChildProcess(command({"redis", "--to", server.address(), "--rate", "2k/s", "--arrivals",
                                           "poisson", "--connections", "4", "--payload", "64..512B", "--time",
                                           "500ms", "--seed", "11", "--json", "--progress", "100ms"}))
                         .wait();
  ASSERT_EQ(ended.exit_code, 0) << ended.errors;
  const json result = json::parse(ended.last_line);
  expect_balanced(result);
  EXPECT_NEAR(result.at("answered").get<double>(), 1000, 150);
  EXPECT_EQ(result.at("unexplained"), 0);
  EXPECT_EQ(result.at("seed"), 11);
  EXPECT_GT(result.at("cpu_s"), 0);
  EXPECT_EQ(result.at("stream_hash").get<std::string>().size(), 16U);
  for (const char* latency : {"latency_from_intended_us", "latency_from_sent_us", "lateness_us"})
    for (const char* quantile : {"p50", "p95", "p99", "p99.9", "p99.99", "max"})
      EXPECT_GT(result.at(latency).at(quantile), 0) << latency << quantile;
  EXPECT_FALSE(result.contains("t"));
}

TEST(SoaklineLoad, TheLatencyLogHasThreeLinesASecondAndOneSetForTheEnd) {
  const RedisServer server;
  const TemporaryFolder folder;
  const std::string path = (folder.path / "latency.hlog").string();
  const auto ended = ChildProcess(command({"redis", "--to", server.address(), "--rate", "1k/s", "--time",
                                           "1200ms", "--latency-log", path}))
                         .wait();
  ASSERT_EQ(ended.exit_code, 0) << ended.errors;
  std::ifstream file(path);
  std::vector<std::string> begins;
  for (std::string line; std::getline(file, line);) begins.push_back(line.substr(0, 10));
  EXPECT_THAT(begins, ElementsAre("#[Histogra", "#[StartTim", "#[BaseTime", "\"StartTime", "Tag=intend",
                                  "Tag=sent,0", "Tag=latene", "Tag=intend", "Tag=sent,1", "Tag=latene"));
}

TEST(SoaklineLoad, ATinyRateOffersItsFirstMessageAtOnce) {
  const RedisServer server;
  RunningLoad load(server, {"--rate", "58k/day", "--time", "2h"});
  const json progress = load.until([](const json& line) { return line.at("answered") == 1; });
  EXPECT_EQ(progress.at("offered"), 1);
}

TEST(SoaklineLoad, WhileIdleNothingIsOfferedAndTheProgressSaysSo) {
  const RedisServer server;
  RunningLoad load(server, {"--rate", "1k/s", "--idle", "200ms..400ms", "--time", "600ms"});
  const json idle = load.until([](const json& line) { return line.at("idle") == true; });
  EXPECT_EQ(idle.at("offered"), 200);
  load.until([](const json& line) { return line.at("idle") == false && line.at("t") > 0.4; });
  const json result = json::parse(load.process().wait().last_line);
  expect_balanced(result);
  EXPECT_EQ(result.at("offered"), 400) << "600 ms less the 200 ms of rest";
}

TEST(SoaklineLoad, AServerThatStandsStillIsSeenInTheLatencyFromTheIntendedTime) {
  const RedisServer server;
  RunningLoad load(server, {"--rate", "1k/s", "--connections", "4", "--time", "2s"});
  const double begun = load.until([](const json& line) { return line.at("answered") > 200; }).at("t");
  server.send(SIGSTOP);
  const json still = load.until([&](const json& line) { return line.at("t") > begun + 0.3; });
  server.send(SIGCONT);
  EXPECT_GT(still.at("offered").get<int>(), still.at("answered").get<int>() + 100) << "it went on sending";
  const auto ended = load.process().wait();
  const json result = json::parse(ended.last_line);
  expect_balanced(result);
  EXPECT_EQ(result.at("answered"), 2000);
  EXPECT_GT(result.at("latency_from_intended_us").at("p99"), 100'000);
}

TEST(SoaklineLoad, AServerThatIsKilledAndComesBackIsLoadedAgain) {
  RedisServer server;
  RunningLoad load(server, {"--rate", "2k/s", "--connections", "3", "--time", "60s"});
  load.until([](const json& line) { return line.at("answered") > 100; });
  server.kill_it();
  const json gone =
      load.until([](const json& line) { return line.at("offered") > line.at("sent").get<int>() + 50; });
  server.start();
  load.until([&](const json& line) { return line.at("answered") > gone.at("offered").get<int>() + 50; });
  load.process().send(SIGTERM);
  const auto ended = load.process().wait();
  EXPECT_EQ(ended.exit_code, 0);
  const json result = json::parse(ended.last_line);
  expect_balanced(result);
  EXPECT_EQ(result.at("dropped"), 0) << "what was due meanwhile has waited";
}

TEST(SoaklineLoad, ErrorsFromRedisAreFailuresAndTheFirstIsSaid) {
  const RedisServer server;
  const auto ended = ChildProcess(command({"redis", "--to", server.address(), "--closed", "2", "--command",
                                           "LPOP key{uniform:10} nonsense", "--time", "100ms", "--json"}))
                         .wait();
  EXPECT_EQ(ended.exit_code, 0);
  const json result = json::parse(ended.last_line);
  expect_balanced(result);
  EXPECT_EQ(result.at("answered"), 0);
  EXPECT_GT(result.at("failed"), 0);
  EXPECT_TRUE(result.at("latency_from_sent_us").at("p99").is_null());
  EXPECT_THAT(ended.errors, HasSubstr("ERR value is out of range"));
}

TEST(SoaklineLoad, TermAndInterruptEndItWithItsAccount) {
  const RedisServer server;
  for (const int signal : {SIGTERM, SIGINT}) {
    RunningLoad load(server, {"--rate", "1k/s", "--time", "2h"});
    load.until([](const json& line) { return line.at("answered") > 10; });
    load.process().send(signal);
    const auto ended = load.process().wait();
    EXPECT_EQ(ended.exit_code, 0);
    const json result = json::parse(ended.last_line);
    expect_balanced(result);
    EXPECT_EQ(result.at("dropped"), 0);
    EXPECT_EQ(result.at("unexplained"), 0);
  }
}

TEST(SoaklineLoad, ItEndsQuietlyWhenNobodyReadsItsProgress) {
  const RedisServer server;
  RunningLoad load(server, {"--rate", "1k/s", "--time", "2h"});
  load.until([](const json& line) { return line.at("answered") > 10; });
  load.process().close_output();
  const auto ended = load.process().wait();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.errors, "");
}

TEST(SoaklineLoad, AServerThatRefusesConnectionsCouldNotBeLoaded) {
  const auto nobody = ChildProcess(command({"redis", "--to", "127.0.0.1:1", "--closed", "1"})).wait();
  EXPECT_EQ(nobody.exit_code, 4);
  EXPECT_THAT(nobody.errors,
              AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("refused"), HasSubstr("correct --to")));
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string said;
};

TEST(SoaklineLoad, AMistakeOnTheCommandLineIsNamedWithItsFix) {
  const std::vector<std::string> good = {"redis", "--to", "127.0.0.1:1"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), good.begin(), good.end());
    return more;
  };
  const std::vector<Mistake> mistakes = {
      {{}, "subcommand is required"},
      {{"smtp", "--to", "a:1", "--closed", "1"}, "subcommand"},
      {{"redis", "--closed", "1"}, "--to is required"},
      {{"redis", "--to", "nowhere", "--closed", "1"}, "--to: 'nowhere' names no port"},
      {{"frames", "--to", "redis://a", "--closed", "1"}, "redis:// is for kind redis"},
      {{"frames", "--to", "a:1", "--closed", "1", "--command", "PING"}, "--command"},
      {with({}), "give --rate"},
      {with({"--rate", "1/s", "--closed", "1"}), "exclude each other"},
      {with({"--rate", "20k"}), "--rate: '20k' has no '/day'"},
      {with({"--rate", "0/s"}), "--rate must be above 0"},
      {with({"--rate", "1/s", "--arrivals", "bursty"}), "write fixed or poisson"},
      {with({"--rate", "1/s", "--shape", "wavy"}), "is no shape"},
      {with({"--closed", "1", "--shape", "ramp:1s"}), "--shape goes with --rate"},
      {with({"--closed", "1", "--arrivals", "fixed"}), "--arrivals goes with --rate"},
      {with({"--closed", "0"}), "--closed must be between"},
      {with({"--closed", "1", "--connections", "0"}), "--connections must be between"},
      {with({"--closed", "1", "--connections", "many"}), "--connections"},
      {with({"--closed", "1", "--time", "10"}), "--time: '10'"},
      {with({"--closed", "1", "--time", "0s"}), "--time must be above 0"},
      {with({"--closed", "1", "--payload", "9..3B"}), "--payload: '9..3B' ends before it begins"},
      {with({"--closed", "1", "--payload", "1GiB"}), "--payload may be 16 MiB"},
      {with({"--closed", "1", "--payload", "1B", "--command", "PING"}), "no --command has {payload}"},
      {with({"--closed", "1", "--command", "SET a {b}"}), "--command: {b} is not known"},
      {with({"--closed", "9", "--backlog", "8"}), "--backlog must be at least 9"},
      {with({"--closed", "1", "--progress", "1us"}), "--progress must be at least"},
      {with({"--closed", "1", "--latency-log", "/nowhere/latency"}), "'/nowhere/latency' cannot be written"},
      {with({"--closed", "1", "--fast"}), "--fast"},
  };
  for (const auto& mistake : mistakes) {
    const auto ended = ChildProcess(command(mistake.arguments)).wait();
    EXPECT_EQ(ended.exit_code, 2) << mistake.said;
    EXPECT_THAT(ended.errors, HasSubstr(mistake.said));
    EXPECT_EQ(ended.last_line, "");
  }
}

}  // namespace
}  // namespace soakline
