#include "loadgen/devices/devices_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>

#include "loadgen/devices/device_timeline.hpp"
#include "loadgen/testing/allocation_count.hpp"
#include "loadgen/testing/byte_server.hpp"
#include "loadgen/testing/echo_server.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

DevicesPlan devices_to(const std::string& address, std::uint32_t connections, double time_s) {
  DevicesPlan plan;
  plan.to = parse_address(address);
  plan.connections = connections;
  plan.time_s = time_s;
  plan.payload = {16, 200};
  return plan;
}

void send_at(DevicesPlan& plan, double rate_per_s) {
  plan.messages.emplace().rate_per_s = rate_per_s;
}

// Runs until the account is as wanted, as a signal ends a run.
template <class Condition>
std::unique_ptr<DevicesResult> run_until(DevicesPlan plan, Condition wanted) {
  plan.time_s = 60;
  return run_devices(plan, {0.01, [&](double, const LoadResult& so_far, const Fleet& fleet) {
                              if (wanted(so_far.ledger, fleet)) raise(SIGTERM);
                              return true;
                            }});
}

void expect_balanced(const Ledger& ledger) {
  EXPECT_EQ(ledger.offered, ledger.sent + ledger.dropped);
  EXPECT_EQ(ledger.sent, ledger.answered + ledger.failed + ledger.in_flight());
  EXPECT_EQ(ledger.from_intended.count(), ledger.answered);
  EXPECT_EQ(ledger.lateness.count(), ledger.sent);
}

std::string hash_without_running(const DevicesPlan& plan) {
  DeviceTimeline timeline(plan);
  while (static_cast<double>(timeline.due_ns()) < plan.time_s * 1e9) timeline.next();
  return timeline.hash();
}

std::ptrdiff_t own_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST(DevicesRun, ConnectsAllAndEveryMessageOfTheScheduleIsAnswered) {
  const EchoServer server;
  DevicesPlan plan = devices_to(server.address(), 300, 0.5);
  send_at(plan, 2000);
  const auto result = run_devices(plan);
  EXPECT_EQ(result->connected, 300U);
  EXPECT_EQ(result->counts.connects, 300U);
  EXPECT_EQ(result->load.ledger.answered, 1000U);
  EXPECT_EQ(result->load.ledger.in_flight(), 0U);
  EXPECT_EQ(result->counts.lost + result->counts.refused, 0U);
  expect_balanced(result->load.ledger);
}

TEST(DevicesRun, TheStreamDependsOnTheSeedAndNotOnTheServer) {
  const EchoServer fast;
  const ByteServer forgetful([](std::string_view bytes, std::uint64_t before) -> std::optional<std::string> {
    if (before > 100) return std::nullopt;
    return std::string(bytes);
  });
  DevicesPlan plan = devices_to(fast.address(), 50, 0.3);
  send_at(plan, 2000);
  plan.churn_per_s = 200;
  plan.storms = parse_storm_plan("20@100ms/100ms");
  const std::string expected = hash_without_running(plan);
  EXPECT_EQ(run_devices(plan)->load.stream_hash, expected);
  plan.to = parse_address(forgetful.address());
  const auto losing = run_devices(plan);
  EXPECT_GT(losing->counts.lost, 0U);
  EXPECT_EQ(losing->load.stream_hash, expected);
  expect_balanced(losing->load.ledger);
}

TEST(DevicesRun, KeepAlivesAreSentAndAnswered) {
  const EchoServer server;
  DevicesPlan plan = devices_to(server.address(), 50, 60);
  plan.keep_alive_s = 0.05;
  const auto result =
      run_until(plan, [](const Ledger&, const Fleet& fleet) { return fleet.counts().keep_alives > 200; });
  EXPECT_EQ(result->counts.keep_alives_unanswered, 0U);
  EXPECT_EQ(result->counts.lost, 0U);
}

TEST(DevicesRun, AServerThatAnswersNoKeepAliveIsLeftAndConnectedToAgain) {
  const ByteServer server([](std::string_view bytes, std::uint64_t before) {
    return before == 0 ? std::string(bytes) : std::string();
  });
  DevicesPlan plan = devices_to(server.address(), 5, 60);
  plan.keep_alive_s = 0.03;
  const auto result =
      run_until(plan, [](const Ledger&, const Fleet& fleet) { return fleet.counts().connects > 15; });
  EXPECT_GT(result->counts.keep_alives_unanswered, 0U);
  EXPECT_EQ(result->counts.lost, result->counts.keep_alives_unanswered);
  EXPECT_THAT(result->counts.first_loss, HasSubstr("keep-alive"));
}

TEST(DevicesRun, ChurnEndsWithTheDescriptorsItBeganWithAndFailsNoMessage) {
  const EchoServer server;
  for (const Closing closing : {Closing::fin, Closing::reset}) {
    DevicesPlan plan = devices_to(server.address(), 40, 60);
    plan.closing = closing;
    plan.churn_per_s = 2000;
    send_at(plan, 1000);
    const auto before = own_descriptors();
    std::ptrdiff_t most = 0;
    const auto result = run_until(plan, [&](const Ledger&, const Fleet& fleet) {
      most = std::max(most, own_descriptors());
      return fleet.counts().churned > 1000;
    });
    EXPECT_EQ(own_descriptors(), before);
    EXPECT_LE(most, before + 40 + 3) << "one a device, epoll, signals, and the folder that is read";
    EXPECT_EQ(result->load.ledger.failed, 0U);
    EXPECT_EQ(result->counts.lost + result->counts.refused, 0U);
    EXPECT_GE(result->reconnects.count() + 40, result->counts.churned);
    expect_balanced(result->load.ledger);
  }
}

TEST(DevicesRun, AStormIsOverWhenAllOfItAreBack) {
  const EchoServer server;
  DevicesPlan plan = devices_to(server.address(), 400, 60);
  plan.storms = parse_storm_plan("300@20ms/100ms");
  const auto result = run_until(plan, [](const Ledger&, const Fleet& fleet) {
    return fleet.outages().storms() >= 2 && fleet.connected() == 400;
  });
  EXPECT_GE(result->storms, 2U);
  EXPECT_GE(result->counts.connects, 400 + 300U);
  EXPECT_GT(result->slowest_storm_s, 0);
  EXPECT_GE(result->slowest_storm_s, static_cast<double>(result->reconnects.max_ns()) * 1e-9);
  EXPECT_EQ(result->counts.lost, 0U) << "they went by the plan";
}

TEST(DevicesRun, AKilledServerLosesAllAndAllComeBackWithTheMessagesThatWaited) {
  EchoServer server;
  DevicesPlan plan = devices_to(server.address(), 100, 60);
  send_at(plan, 1000);
  int phase = 0;
  const auto result = run_until(plan, [&](const Ledger& ledger, const Fleet& fleet) {
    if (phase == 0 && ledger.answered > 50) {
      server.kill_it();
      phase = 1;
    } else if (phase == 1 && fleet.counts().lost >= 100 && fleet.counts().refused > 0) {
      server.start();
      phase = 2;
    }
    return phase == 2 && fleet.connected() == 100 && ledger.offered == ledger.sent;
  });
  EXPECT_EQ(result->counts.lost, 100U);
  EXPECT_EQ(result->counts.connects, 200U);
  EXPECT_EQ(result->reconnects.count(), 100U);
  EXPECT_EQ(result->load.ledger.dropped, 0U);
  EXPECT_EQ(result->load.ledger.in_flight(), 0U) << "what was in flight when it died has failed";
  EXPECT_THAT(result->counts.first_refusal, HasSubstr("refused"));
  expect_balanced(result->load.ledger);
}

TEST(DevicesRun, AMessageLargerThanTheSocketTakesIsWrittenInPieces) {
  const ByteServer server(ByteServer::echo);
  DevicesPlan plan = devices_to(server.address(), 1, 60);
  plan.payload = {8 << 20, 8 << 20};
  send_at(plan, 100);
  plan.messages->idle = {40'000'000, 3'600'000'000'000};
  const auto result =
      run_until(plan, [](const Ledger& ledger, const Fleet&) { return ledger.answered == 4; });
  EXPECT_EQ(result->load.ledger.failed, 0U);
  expect_balanced(result->load.ledger);
}

TEST(DevicesRun, AServerThatStandsStillFillsABoundedBacklogAndTheRestIsDropped) {
  const EchoServer server;
  DevicesPlan plan = devices_to(server.address(), 10, 60);
  send_at(plan, 5000);
  plan.backlog = 200;
  const auto result = run_until(plan, [&](const Ledger& ledger, const Fleet&) {
    server.send(SIGSTOP);
    return ledger.dropped > 100;
  });
  EXPECT_LE(result->load.ledger.in_flight(), 200U);
  EXPECT_GT(result->load.ledger.in_flight(), 100U) << "unexplained";
  expect_balanced(result->load.ledger);
}

TEST(DevicesRun, NothingIsAllocatedForMessagesAndKeepAlivesOnceAllAreUp) {
  const EchoServer server;
  DevicesPlan plan = devices_to(server.address(), 200, 60);
  plan.keep_alive_s = 0.2;
  send_at(plan, 2000);
  long before = 0;
  std::uint64_t answered_before = 0;
  run_until(plan, [&](const Ledger& ledger, const Fleet& fleet) {
    if (before == 0 && fleet.counts().keep_alives > 200) {
      before = allocation_count();
      answered_before = ledger.answered;
    }
    const bool done = before > 0 && ledger.answered > answered_before + 1000;
    if (done) {
      EXPECT_EQ(allocation_count() - before, 0);
    }
    return done;
  });
}

TEST(DevicesRun, TheMemoryOfADeviceIsWeighedWhereThereAreEnough) {
  const EchoServer server;
  EXPECT_FALSE(run_devices(devices_to(server.address(), 10, 0.01))->rss_per_device_bytes);
  const auto many = run_devices(devices_to(server.address(), 4000, 0.01));
  EXPECT_GT(many->rss_per_device_bytes.value(), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(*many->rss_per_device_bytes, 600);
#endif
}

std::string refusal_by(const std::string& address) {
  try {
    run_devices(devices_to(address, 3, 60));
  } catch (const LoadError& error) {
    return error.what();
  }
  return "";
}

TEST(DevicesRun, AServerThatCannotBeConnectedToIsNamedWithAFix) {
  EXPECT_THAT(refusal_by("127.0.0.1:1"),
              AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("refused"), HasSubstr("--to")));
  const ByteServer rude([](std::string_view, std::uint64_t) { return std::nullopt; });
  EXPECT_THAT(refusal_by(rude.address()), HasSubstr("closed the connection"));
  const ByteServer other([](std::string_view, std::uint64_t) { return "HTTP/1.1 400\r\n\r\n"; });
  EXPECT_THAT(refusal_by(other.address()), HasSubstr("no frame"));
}

TEST(DevicesRun, ASignalWhileItConnectsEndsItWithItsAccount) {
  const EchoServer server;
  DevicesPlan plan = devices_to(server.address(), 3000, 60);
  send_at(plan, 1000);
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &term, &before);
  raise(SIGTERM);
  const auto result = run_devices(plan);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(result->load.ledger.offered, 0U);
  EXPECT_EQ(result->load.lasted_s(), 0);
}

TEST(LoopbackSource, NoTwoDevicesShareAnAddressAndNoneIsANetworksOwn) {
  EXPECT_EQ(loopback_source(0), 0x7f010001U);
  std::uint32_t before = 0;
  for (std::uint32_t device = 0; device < 1'000'000; ++device) {
    const std::uint32_t source = loopback_source(device);
    ASSERT_GT(source, before);
    ASSERT_EQ(source >> 24, 127U);
    ASSERT_NE(source & 0xff, 0U);
    ASSERT_NE(source & 0xff, 255U);
    before = source;
  }
}

}  // namespace
}  // namespace soakline
