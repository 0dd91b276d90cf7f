// Devices against a real mosquitto.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "loadgen/devices/devices_run.hpp"
#include "loadgen/testing/mosquitto_server.hpp"

namespace soakline {
namespace {

using ::testing::HasSubstr;

DevicesPlan mqtt_to(const MosquittoServer& server, std::uint32_t connections) {
  DevicesPlan plan;
  plan.to = parse_address(server.address());
  plan.protocol = DevicesPlan::Protocol::mqtt;
  plan.connections = connections;
  plan.time_s = 60;
  plan.payload = {16, 300};
  return plan;
}

// As many messages as that within the first 100 ms, then none.
void send_first(DevicesPlan& plan, int messages) {
  plan.messages.emplace().rate_per_s = messages * 10;
  plan.messages->idle = {100'000'000, 3'600'000'000'000};
}

template <class Condition>
std::unique_ptr<DevicesResult> run_until(const DevicesPlan& plan, Condition wanted) {
  return run_devices(plan, {0.01, [&](double, const LoadResult& so_far, const Fleet& fleet) {
                              if (wanted(so_far.ledger, fleet)) raise(SIGTERM);
                              return true;
                            }});
}

TEST(DevicesMqtt, EveryMessageOfQualityOneIsAnsweredByAPuback) {
  const MosquittoServer server;
  DevicesPlan plan = mqtt_to(server, 200);
  plan.qos = 1;
  send_first(plan, 500);
  const auto result =
      run_until(plan, [](const Ledger& ledger, const Fleet&) { return ledger.answered == 500; });
  EXPECT_EQ(result->connected, 200U);
  EXPECT_EQ(result->load.ledger.failed, 0U);
  EXPECT_EQ(result->counts.lost + result->counts.refused, 0U);
}

TEST(DevicesMqtt, SubscribersAreDeliveredWhatIsPublished) {
  const MosquittoServer server;
  DevicesPlan plan = mqtt_to(server, 20);
  plan.topic = "all";
  plan.subscribers = 3;
  send_first(plan, 100);
  const auto result =
      run_until(plan, [](const Ledger&, const Fleet& fleet) { return fleet.counts().delivered == 300; });
  EXPECT_EQ(result->load.ledger.answered, 100U) << "quality 0 is answered when it is written";
  EXPECT_EQ(result->counts.lost, 0U);
}

TEST(DevicesMqtt, KeepAlivesKeepTheServerFromHangingUp) {
  const MosquittoServer server;
  DevicesPlan plan = mqtt_to(server, 30);
  plan.keep_alive_s = 1;  // the server hangs up after half as long again
  const auto result =
      run_until(plan, [](const Ledger&, const Fleet& fleet) { return fleet.counts().keep_alives >= 90; });
  EXPECT_EQ(result->counts.lost, 0U);
  EXPECT_EQ(result->counts.keep_alives_unanswered, 0U);
}

TEST(DevicesMqtt, ChurnAndStormsAreTakenByTheServerAndLoseNothing) {
  const MosquittoServer server;
  DevicesPlan plan = mqtt_to(server, 100);
  plan.qos = 1;
  plan.churn_per_s = 1000;
  plan.subscribers = 10;
  plan.storms = parse_storm_plan("50@100ms/300ms");
  const auto result = run_until(plan, [](const Ledger&, const Fleet& fleet) {
    return fleet.outages().storms() >= 2 && fleet.counts().churned > 500;
  });
  EXPECT_EQ(result->counts.lost, 0U);
  EXPECT_EQ(result->counts.refused, 0U);
}

TEST(DevicesMqtt, AKilledServerIsConnectedToAgainWhenItIsBack) {
  MosquittoServer server;
  DevicesPlan plan = mqtt_to(server, 50);
  int phase = 0;
  const auto result = run_until(plan, [&](const Ledger&, const Fleet& fleet) {
    if (phase == 0) {
      server.kill_it();
      phase = 1;
    } else if (phase == 1 && fleet.counts().lost == 50) {
      server.start();
      phase = 2;
    }
    return phase == 2 && fleet.connected() == 50;
  });
  EXPECT_EQ(result->counts.lost, 50U);
  EXPECT_EQ(result->counts.connects, 100U);
}

TEST(DevicesMqtt, AServerThatLetsNobodyInSaysSo) {
  const MosquittoServer server(MosquittoServer::LetsIn::nobody);
  try {
    run_devices(mqtt_to(server, 3));
    ADD_FAILURE() << "ran";
  } catch (const LoadError& error) {
    EXPECT_THAT(error.what(), HasSubstr("does not let the device in"));
  }
}

}  // namespace
}  // namespace soakline
