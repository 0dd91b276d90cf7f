// The real binary's kind devices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/testing/echo_server.hpp"

namespace soakline {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

ChildProcess::Ended run(std::vector<std::string> arguments) {
  const char* bin = std::getenv("SOAKLINE_BIN");
  arguments.insert(arguments.begin(), {std::string(bin ? bin : ".") + "/soakline-load", "devices"});
  return ChildProcess(arguments).wait();
}

TEST(DevicesProgram, ItsLastLineIsTheAccountOfMessagesAndOfDevices) {
  const EchoServer server;
  const auto ended =
      run({"--to",     server.address(), "--connections", "1200",    "--rate",    "1k/s",         "--payload",
           "64..512B", "--churn",        "200/s",         "--storm", "100@100ms", "--keep-alive", "200ms",
           "--time",   "500ms",          "--seed",        "11",      "--json",    "--progress",   "100ms"});
  ASSERT_EQ(ended.exit_code, 0) << ended.errors;
  const json result = json::parse(ended.last_line);
  EXPECT_EQ(result.at("offered"), 500);
  EXPECT_EQ(result.at("seed"), 11);
  EXPECT_FALSE(result.contains("t"));
  const json& devices = result.at("devices");
  EXPECT_EQ(devices.at("storms"), 1);
  EXPECT_EQ(devices.at("lost"), 0);
  EXPECT_EQ(devices.at("refused"), 0);
  EXPECT_EQ(devices.at("keep_alives_unanswered"), 0);
  for (const char* some : {"connected", "connects", "churned", "keep_alives", "slowest_reconnect_s",
                           "slowest_storm_s", "all_connected_s", "rss_per_device_bytes"})
    EXPECT_GT(devices.at(some), 0) << some;
}

TEST(DevicesProgram, WithoutARateTheDevicesAreIdle) {
  const EchoServer server;
  const auto ended = run({"--to", server.address(), "--connections", "10", "--time", "50ms"});
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
  EXPECT_EQ(ended.errors, "");
}

TEST(DevicesProgram, AServerThatIsNotThereEndsItWithFour) {
  const auto ended = run({"--to", "127.0.0.1:1"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.errors, HasSubstr("refused"));
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string said;
};

TEST(DevicesProgram, AMistakeOnTheCommandLineIsNamedWithItsFix) {
  const std::vector<Mistake> mistakes = {
      {{"--connections", "0"}, "--connections must be between"},
      {{"--connections", "1000000"}, "raise the hard limit"},
      {{"--protocol", "coap"}, "write frames or mqtt"},
      {{"--qos", "1"}, "--qos goes with --protocol mqtt"},
      {{"--protocol", "mqtt", "--qos", "2"}, "--qos must be 0 or 1"},
      {{"--protocol", "mqtt", "--topic", "a/+"}, "--topic must not"},
      {{"--protocol", "mqtt", "--subscribers", "2"}, "--subscribers must not be more"},
      {{"--protocol", "mqtt", "--client-id", "me", "--connections", "2"}, "--client-id must hold {device}"},
      {{"--protocol", "mqtt", "--keep-alive", "1d"}, "at most 65535s"},
      {{"--payload", "64B"}, "--payload goes with --rate"},
      {{"--shape", "ramp:1s"}, "--shape goes with --rate"},
      {{"--rate", "0/s"}, "--rate must be above 0"},
      {{"--churn", "0/s"}, "--churn must be above 0"},
      {{"--churn", "many"}, "--churn: 'many'"},
      {{"--storm", "5"}, "--storm: '5' is no storm"},
      {{"--storm", "2@1s"}, "--storm must not drop more"},
      {{"--close", "slam"}, "write fin or reset"},
      {{"--connecting", "0"}, "--connecting must be at least 1"},
      {{"--connections", "9", "--backlog", "8"}, "--backlog must be at least 9"},
      {{"--closed", "1"}, "--closed"},
      {{"--latency-log", "log"}, "--latency-log is not for devices"},
      {{"--to", "192.0.2.1:7", "--churn", "1k/s"}, "give --close reset"},
  };
  for (auto [arguments, said] : mistakes) {
    if (arguments.front() != "--to") arguments.insert(arguments.begin(), {"--to", "127.0.0.1:1"});
    const auto ended = run(arguments);
    EXPECT_EQ(ended.exit_code, 2) << said;
    EXPECT_THAT(ended.errors, HasSubstr(said));
    EXPECT_EQ(ended.last_line, "");
  }
}

}  // namespace
}  // namespace soakline
