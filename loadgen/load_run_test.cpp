#include "loadgen/load_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "loadgen/message_stream.hpp"
#include "loadgen/testing/byte_server.hpp"
#include "loadgen/testing/child_process.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

LoadPlan frames_to(const std::string& address, double rate_per_s, double time_s) {
  LoadPlan plan;
  plan.to = parse_address(address);
  plan.pace.rate_per_s = rate_per_s;
  plan.time_s = time_s;
  plan.connections = 3;
  plan.payload = {16, 200};
  return plan;
}

void expect_balanced(const Ledger& ledger) {
  EXPECT_EQ(ledger.offered, ledger.sent + ledger.dropped);
  EXPECT_EQ(ledger.sent, ledger.answered + ledger.failed + ledger.in_flight());
  EXPECT_EQ(ledger.from_intended.count(), ledger.answered);
  EXPECT_EQ(ledger.from_sent.count(), ledger.answered);
  EXPECT_EQ(ledger.lateness.count(), ledger.sent);
}

// The hash of a plan's stream without any server or clock.
std::string hash_without_running(const LoadPlan& plan) {
  const auto stream = make_message_stream(plan);
  std::string message;
  std::uint64_t k = 0;
  for (Schedule schedule(plan.pace.arrivals, *plan.pace.rate_per_s, plan.seed);
       static_cast<double>(schedule.due_ns()) < plan.time_s * 1e9; schedule.advance(), message.clear(), ++k)
    stream->append_next(
        message, {static_cast<std::uint16_t>(k % plan.connections), k / plan.connections, schedule.due_ns()});
  return stream->hash();
}

TEST(LoadRun, AnOpenLoopOffersEveryMessageOfItsScheduleAndNoMore) {
  const ByteServer server(ByteServer::echo);
  const auto result = run_load(frames_to(server.address(), 2000, 0.5));
  EXPECT_EQ(result->ledger.offered, 1000U);
  EXPECT_EQ(result->ledger.answered, 1000U);
  EXPECT_EQ(result->ledger.in_flight(), 0U);
  expect_balanced(result->ledger);
}

TEST(LoadRun, TheStreamDependsOnThePlanAndNotOnTheServer) {
  const ByteServer fast(ByteServer::echo);
  const ByteServer mute([](std::string_view, std::uint64_t) { return ""; });
  LoadPlan plan = frames_to(fast.address(), 3000, 0.2);
  plan.pace.arrivals = Arrivals::poisson;
  const std::string expected = hash_without_running(plan);
  EXPECT_EQ(run_load(plan)->stream_hash, expected);
  plan.backlog = 70;
  plan.to = parse_address(mute.address());
  const auto dropping = run_load(plan);
  EXPECT_GT(dropping->ledger.dropped, 0U);
  EXPECT_EQ(dropping->stream_hash, expected);
  plan.seed = 8;
  EXPECT_NE(run_load(plan)->stream_hash, expected);
}

TEST(LoadRun, AClosedLoopKeepsItsDepthInFlightOnEachConnection) {
  std::atomic<std::size_t> most{0};
  const ByteServer server([&](std::string_view bytes, std::uint64_t) {
    most = std::max(most.load(), bytes.size() / 20);
    return std::string(bytes);
  });
  LoadPlan plan = frames_to(server.address(), 1, 0.2);
  plan.pace.rate_per_s.reset();
  plan.pace.closed_depth = 5;
  plan.payload = {16, 16};
  const auto result = run_load(plan);
  EXPECT_EQ(most, 5U) << "what was in flight arrived in one piece at first, and never more";
  EXPECT_GT(result->ledger.answered, 15U);
  EXPECT_EQ(result->ledger.in_flight(), 0U);
  expect_balanced(result->ledger);
  EXPECT_EQ(run_load(plan)->stream_hash, result->stream_hash);
}

TEST(LoadRun, AServerThatDiesAgainAndAgainLeavesNothingUnaccounted) {
  const ByteServer server([](std::string_view bytes, std::uint64_t before) -> std::optional<std::string> {
    if (before > 3000) return std::nullopt;
    return std::string(bytes);
  });
  for (const bool open : {true, false}) {
    LoadPlan plan = frames_to(server.address(), 2000, 0.6);
    if (!open) plan.pace.rate_per_s.reset();
    plan.pace.closed_depth = 4;
    const auto result = run_load(plan);
    EXPECT_GT(result->ledger.answered, 100U) << "it came back";
    EXPECT_GT(result->ledger.failed, 3U);
    EXPECT_EQ(result->ledger.dropped, result->ledger.offered - result->ledger.sent);
    EXPECT_THAT(result->ledger.first_failure, HasSubstr("connection"));
    expect_balanced(result->ledger);
  }
}

TEST(LoadRun, AServerThatNeverAnswersFillsABoundedBacklogAndTheRestIsDropped) {
  const ByteServer mute([](std::string_view, std::uint64_t) { return ""; });
  LoadPlan plan = frames_to(mute.address(), 5000, 0.2);
  plan.backlog = 90;
  const auto result = run_load(plan);
  EXPECT_EQ(result->ledger.offered, 1000U);
  EXPECT_EQ(result->ledger.sent, 90U);
  EXPECT_EQ(result->ledger.dropped, 910U);
  EXPECT_EQ(result->ledger.in_flight(), 90U) << "unexplained";
  expect_balanced(result->ledger);
}

TEST(LoadRun, AnAnswerThatIsNoFrameFailsWhatWasInFlight) {
  const ByteServer server([](std::string_view, std::uint64_t) { return "HTTP/1.1 400\r\n\r\n"; });
  const auto result = run_load(frames_to(server.address(), 1000, 0.1));
  EXPECT_EQ(result->ledger.answered, 0U);
  EXPECT_GT(result->ledger.failed, 0U);
  EXPECT_THAT(result->ledger.first_failure, HasSubstr("not of this kind's protocol"));
  expect_balanced(result->ledger);
}

TEST(LoadRun, ProgressIsCumulativeAndAReaderThatLeavesEndsTheRun) {
  const ByteServer server(ByteServer::echo);
  double last_t = 0;
  std::uint64_t last_offered = 0;
  int reports = 0;
  const auto result =
      run_load(frames_to(server.address(), 1000, 3600), {{0.02, [&](double t, const LoadResult& so_far) {
                                                            EXPECT_GT(t, last_t);
                                                            EXPECT_GE(so_far.ledger.offered, last_offered);
                                                            last_t = t;
                                                            last_offered = so_far.ledger.offered;
                                                            return ++reports < 5;
                                                          }}});
  EXPECT_TRUE(result->unread);
  EXPECT_EQ(reports, 5);
  EXPECT_GT(last_offered, 0U);
}

TEST(LoadRun, AListenerWhoseQueueStaysFullIsNotTakenForAConnection) {
  const TemporaryFolder folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder.path / "s").string();
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, name, sizeof address), 0);
  ASSERT_EQ(listen(listener, 0), 0);
  const int first = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(connect(first, name, sizeof address), 0);
  try {
    run_load(frames_to("unix:" + path, 1, 60));
    ADD_FAILURE() << "ran";
  } catch (const LoadError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("0 of 3 connections"), HasSubstr(path), HasSubstr("--to")));
  }
  close(first);
  close(listener);
}

TEST(LoadRun, AServerThatIsNotThereIsNamedWithAFix) {
  const TemporaryFolder folder;
  try {
    run_load(frames_to("unix:" + (folder.path / "none").string(), 1, 60));
    ADD_FAILURE() << "ran";
  } catch (const LoadError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("No such file"), HasSubstr("correct --to")));
  }
}

}  // namespace
}  // namespace soakline
