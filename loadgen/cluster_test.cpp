// soakline-load on a real cluster of two redis-servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "loadgen/cluster_slots.hpp"
#include "loadgen/testing/free_port.hpp"
#include "loadgen/testing/load_process.hpp"
#include "loadgen/testing/redis_client.hpp"
#include "loadgen/testing/redis_server.hpp"

namespace soakline {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class ClusterNode {
 public:
  std::string address() const { return "127.0.0.1:" + port_; }
  std::string id() const { return client_.text({"CLUSTER", "MYID"}); }
  void tell(const std::vector<std::string>& words) const {
    const std::string said = client_.text(words);
    if (said != "OK") throw std::runtime_error(words[0] + " " + words[1] + ": " + said);
  }
  void meet(const ClusterNode& other) const {
    tell({"CLUSTER", "MEET", "127.0.0.1", other.port_, other.bus_port_});
  }
  bool serves_with_another() const {
    return client_.text({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos &&
           client_.ask({"CLUSTER", "SLOTS"})->elements == 2;
  }
  long long keys() const { return client_.ask({"DBSIZE"})->integer; }
  // How often it answered with that error.
  long long errors(const std::string& name) const {
    const std::string said = client_.text({"INFO", "errorstats"});
    const std::string head = "errorstat_" + name + ":count=";
    const auto at = said.find(head);
    return at == std::string::npos ? 0 : std::atoll(said.c_str() + at + head.size());
  }
  void send_keys(const std::string& slot, const ClusterNode& to) const {
    for (;;) {
      const auto found = client_.ask({"CLUSTER", "GETKEYSINSLOT", slot, "100"});
      if (found->elements == 0) return;
      std::vector<std::string> words = {"MIGRATE", "127.0.0.1", to.port_, "", "0", "5000", "REPLACE", "KEYS"};
      for (std::size_t i = 0; i < found->elements; ++i) words.emplace_back(found->element[i]->str);
      tell(words);
    }
  }

 private:
  std::string port_ = free_port();
  std::string bus_port_ = free_port();
  RedisServer server_{{"--port", port_, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port",
                       bus_port_, "--cluster-announce-ip", "127.0.0.1"}};
  RedisClient client_{server_.socket()};
};

class ClusterTest : public testing::Test {
 protected:
  ClusterTest() {
    first.tell({"CLUSTER", "ADDSLOTSRANGE", "0", "8191"});
    second.tell({"CLUSTER", "ADDSLOTSRANGE", "8192", "16383"});
    second.tell({"CLUSTER", "SET-CONFIG-EPOCH", "2"});
    first.meet(second);
    if (!wait_until([this] { return first.serves_with_another() && second.serves_with_another(); }))
      throw std::runtime_error("the nodes do not find together");
  }

  ClusterNode first, second;
};

TEST_F(ClusterTest, EveryCommandGoesToTheNodeOfItsKeyAtOnce) {
  for (const auto& [flag, pace] : {std::pair{"--rate", "5k/s"}, {"--closed", "8"}}) {
    const auto ended = ChildProcess(command({"redis", "--to", first.address(), "--cluster", "--connections",
                                             "3", "--json", "--command", "SET key:{uniform:10000} {payload}",
                                             "--time", "500ms", flag, pace}))
                           .wait();
    ASSERT_EQ(ended.exit_code, 0) << ended.errors;
    const json result = json::parse(ended.last_line);
    expect_balanced(result);
    EXPECT_GT(result.at("answered"), 1000);
    EXPECT_EQ(result.at("failed"), 0) << ended.errors;
    EXPECT_EQ(result.at("unexplained"), 0);
  }
  EXPECT_GT(first.keys(), 300);
  EXPECT_GT(second.keys(), 300);
  EXPECT_EQ(first.errors("MOVED") + second.errors("MOVED"), 0);
}

TEST_F(ClusterTest, ASlotThatMovesUnderLoadIsFollowedAndNoMessageFails) {
  const std::size_t slot = hash_slot("moves");
  const ClusterNode& from = slot < 8192 ? first : second;
  const ClusterNode& to = slot < 8192 ? second : first;
  RunningLoad load(second.address(), {"--cluster", "--connections", "2", "--rate", "2k/s", "--time", "1h",
                                      "--command", "SET {{moves}}:{uniform:5000} {payload}"});
  const auto until_answered = [&](int more) {
    const int before = load.until([](const json&) { return true; }).at("answered");
    load.until([&](const json& line) { return line.at("answered") > before + more; });
  };
  until_answered(500);
  const std::string number = std::to_string(slot);
  to.tell({"CLUSTER", "SETSLOT", number, "IMPORTING", from.id()});
  from.tell({"CLUSTER", "SETSLOT", number, "MIGRATING", to.id()});
  until_answered(500);
  EXPECT_GT(from.errors("ASK"), 0) << "new keys belong to the other already";
  from.send_keys(number, to);
  to.tell({"CLUSTER", "SETSLOT", number, "NODE", to.id()});
  from.tell({"CLUSTER", "SETSLOT", number, "NODE", to.id()});
  until_answered(500);
  const auto moved = from.errors("MOVED");
  EXPECT_GT(moved, 0);
  until_answered(500);
  EXPECT_EQ(from.errors("MOVED"), moved) << "it is known by now";
  load.process().send(SIGTERM);
  const auto ended = load.process().wait();
  const json result = json::parse(ended.last_line);
  expect_balanced(result);
  EXPECT_EQ(result.at("failed"), 0) << ended.errors;
  EXPECT_EQ(result.at("unexplained"), 0);
  EXPECT_EQ(result.at("answered"), result.at("offered"));
}

TEST(OneRedisServer, ThatIsNoClusterIsSaidToBeNone) {
  const std::string port = free_port();
  const RedisServer server({"--port", port, "--bind", "127.0.0.1"});
  const auto ended =
      ChildProcess(command({"redis", "--to", "127.0.0.1:" + port, "--cluster", "--closed", "1"})).wait();
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.errors, HasSubstr("leave out --cluster"));
}

}  // namespace
}  // namespace soakline
