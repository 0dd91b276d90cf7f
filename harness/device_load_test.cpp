#include "harness/device_load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LoadPlan parsed(const char* written) {
  const toml::table table = toml::parse(written);
  StrictTable section("demo.toml", "load", table);
  LoadPlan load;
  load.kind = LoadPlan::Kind::devices;
  parse_devices(section, load);
  section.refuse_unknown();
  return load;
}

std::string refusal(const char* written) {
  try {
    parsed(written);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

TEST(DeviceLoad, DevicesOfFramesAreIdleOnTheTargetsPortUnlessTheFileSaysMore) {
  const LoadPlan load = parsed("connections = 19000");
  EXPECT_EQ(load.connections, 19'000);
  EXPECT_EQ(load.to, "127.0.0.1:{port}");
  EXPECT_THAT(devices_arguments(load.devices), ElementsAre("--protocol", "frames", "--keep-alive", "30s"));
  EXPECT_EQ(devices_text(load), "devices × 19000 connections, protocol frames, keep-alive 30s");
}

TEST(DeviceLoad, EveryKeyBecomesAFlag) {
  const LoadPlan load = parsed(
      "connections = 2000\nto = '127.0.0.1:1883'\nprotocol = 'mqtt'\nkeep_alive = '1m'\nchurn = '100/s'\n"
      "storm = '1000@30s/5m'\nclose = 'reset'\nqos = 1\nsubscribers = 20\ntopic = 'all'");
  EXPECT_EQ(load.to, "127.0.0.1:1883");
  EXPECT_THAT(
      devices_arguments(load.devices),
      ElementsAre("--protocol", "mqtt", "--keep-alive", "1m", "--churn", "100/s", "--storm", "1000@30s/5m",
                  "--close", "reset", "--qos", "1", "--subscribers", "20", "--topic", "all"));
}

TEST(DeviceLoad, AMistakeIsNamedWithItsKey) {
  EXPECT_THAT(refusal("connections = 0"), HasSubstr("connections: must be between 1"));
  EXPECT_THAT(refusal("protocol = 'coap'"), HasSubstr("\"frames\" or \"mqtt\""));
  EXPECT_THAT(refusal("keep_alive = 'often'"), HasSubstr("keep_alive: 'often'"));
  EXPECT_THAT(refusal("protocol = 'mqtt'\nkeep_alive = '1d'"), HasSubstr("65535s"));
  EXPECT_THAT(refusal("churn = '0/s'"), HasSubstr("leave it out"));
  EXPECT_THAT(refusal("storm = '2@1s'"), HasSubstr("more devices than there are"));
  EXPECT_THAT(refusal("storm = 'hail'"), HasSubstr("is no storm"));
  EXPECT_THAT(refusal("close = 'slam'"), HasSubstr("\"fin\" or \"reset\""));
  EXPECT_THAT(refusal("qos = 1"), HasSubstr("qos")) << "of MQTT only";
  EXPECT_THAT(refusal("protocol = 'mqtt'\nqos = 2"), HasSubstr("between 0 and 1"));
  EXPECT_THAT(refusal("protocol = 'mqtt'\ntopic = 'a/#'"), HasSubstr("+ or #"));
}

TEST(DeviceLoad, IdleDevicesAreAtWorkByComingAndStayingAndLossesAreFailures) {
  const auto progress = nlohmann::json::parse(
      R"({"answered": 50, "failed": 2, "devices": {"connects": 100, "refused": 3, "lost": 4,
          "keep_alives": 300, "keep_alives_unanswered": 1}})");
  const DeviceWork idle = device_work(progress, false);
  EXPECT_EQ(idle.operations, 399);
  EXPECT_EQ(idle.failures, 9);
  EXPECT_EQ(device_work(progress, true).operations, 50);
}

}  // namespace
}  // namespace soakline
