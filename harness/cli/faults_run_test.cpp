// Runs with faults: real servers that go away and come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "harness/run_folder.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/soakline_program.hpp"

namespace soakline {
namespace {

using testing::eventually;
using testing::Finished;
using ::testing::HasSubstr;
using testing::processes_marked;

class FaultsRun : public ::testing::Test {
 protected:
  Finished soakline(std::vector<std::string> arguments) {
    return testing::soakline(folder_.path(), std::move(arguments));
  }
  std::filesystem::path last_run() { return run_folders(folder_.path() / "soak-runs").back(); }
  // A subscriber of a private redis under load, and `faults`.
  std::string subscriber(const std::string& faults) {
    return folder_.write(
        "demo.toml",
        "name = \"demo\"\n[target]\n"
        "command = [\"{bin}/redis_subscription\", \"--redis\", \"{redis}\", \"--handlers\", \"once\"]\n"
        "ready = { redis_subscribers = \"orders\", at_least = 1 }\n"
        "[services.redis]\nkind = \"redis\"\n[load]\nkind = \"redis\"\n"
        "publish = { channel = \"orders\", rate = \"100/s\" }\n" +
            faults + "[profiles.quick]\ncompression = 20000\nwarmup = \"1s\"\ntime = \"8s\"\n");
  }
  // A target that waits beside a service that the shell starts by `script`.
  std::string beside(const std::string& script, const std::string& faults) {
    return folder_.write("demo.toml",
                         "name = \"demo\"\n[target]\ncommand = [\"{bin}/unruly_target\", \"wait\"]\n"
                         "[services.own]\ncwd = \"{run}\"\nready = { log = \"ready\" }\n"
                         "command = [\"/bin/sh\", \"-c\", '" +
                             script + "', \"" + mark_ + "\"]\n" + faults +
                             "[profiles.quick]\ncompression = 20000\nwarmup = \"1s\"\ntime = \"8s\"\n");
  }
  std::vector<Event> faults_of(const RecordedRun& run) {
    std::vector<Event> found;
    for (const Event& event : run.events)
      if (event.kind == "fault") found.push_back(event);
    return found;
  }

  testing::TemporaryFolder folder_;
  const std::string mark_ = "mark-" + std::to_string(getpid()) + "-" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(FaultsRun, ASubscriberWhoseRedisIsRestartedPasses) {
  const std::string file = subscriber(
      "[[faults]]\nkind = \"restart\"\nat = \"2s\"\nevery = \"2s\"\njitter = \"500ms\"\nfor = \"200ms\"\n"
      "recover = \"100ms\"\non = \"redis\"\n");
  Finished finished = soakline({"run", file, "--json"});
  for (int again = 0; again < 2 && finished.exit == 3; ++again) finished = soakline({"run", file, "--json"});
  EXPECT_EQ(finished.exit, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("restart of redis for 0.2s"));

  const RecordedRun run = read_run(last_run());
  EXPECT_EQ(faults_of(run).size(), 6U) << "three begin and end";
  ASSERT_EQ(run.recording.faults.size(), 3U);
  for (const Window& window : run.recording.faults) {
    EXPECT_GT(window.end_s - window.begin_s, 0.3) << "down, and recovery";
    EXPECT_LT(window.end_s - window.begin_s, 5);
  }
  EXPECT_EQ(run.info.resolved.at("faults").at("timeline").size(), 3U);
  EXPECT_GT(run.recording.operations.back(), 300) << "the load goes on after the last one";
  const Finished again = soakline({"judge", last_run(), "--json"});
  EXPECT_EQ(nlohmann::json::parse(again.out).at("metrics"),
            nlohmann::json::parse(finished.out).at("metrics"));
}

TEST_F(FaultsRun, AStoppedTargetAndKilledConnectionsAreNoEndOfTheRun) {
  const Finished finished = soakline(
      {"run",
       subscriber("[[faults]]\nkind = \"stop\"\nat = \"2s\"\nfor = \"1s\"\non = \"target\"\n"
                  "[[faults]]\nkind = \"stop\"\nat = \"4s\"\nfor = \"500ms\"\non = \"redis\"\n"
                  "[[faults]]\nkind = \"client-kill\"\nat = \"5s\"\ntype = \"pubsub\"\non = \"redis\"\n")});
  EXPECT_TRUE(finished.exit == 0 || finished.exit == 3) << finished.out << finished.err;
  const RecordedRun run = read_run(last_run());
  EXPECT_EQ(faults_of(run).size(), 6U);
  EXPECT_THAT((std::ostringstream() << std::ifstream(last_run() / "target.log").rdbuf()).str(),
              HasSubstr("restored"))
      << "the subscriber lost its connection";
}

TEST_F(FaultsRun, AServiceThatStaysDownMakesTheRunInvalidAndLeavesNoProcess) {
  const std::string once =
      "if [ -e was-here ]; then echo no second life; exit 9; fi; touch was-here; exec {bin}/unruly_target "
      "wait";
  const Finished finished = soakline(
      {"run", beside(once, "[[faults]]\nkind = \"kill\"\nat = \"2s\"\nfor = \"300ms\"\non = \"own\"\n")});
  EXPECT_EQ(finished.exit, 4) << finished.out;
  EXPECT_THAT(finished.out,
              HasSubstr("service own did not come back after a fault: it ended with exit code 9; its last "
                        "line: no second life"));
  EXPECT_TRUE(eventually([&] { return processes_marked(mark_).empty(); }));
}

TEST_F(FaultsRun, AServiceThatStaysDownOnPurposeIsNotMissed) {
  const Finished finished =
      soakline({"run", beside("exec {bin}/unruly_target wait",
                              "[[faults]]\nkind = \"kill\"\nat = \"2s\"\nfor = \"3s\"\non = \"own\"\n")});
  EXPECT_NE(finished.exit, 4) << finished.out;
}

TEST_F(FaultsRun, WhatIsStoppedAtTheEndIsEndedAllTheSame) {
  const std::string file =
      beside("exec {bin}/unruly_target wait $0",
             "[[faults]]\nkind = \"stop\"\nat = \"500ms\"\nfor = \"1h\"\non = \"own\"\n"
             "[[faults]]\nkind = \"stop\"\nat = \"500ms\"\nfor = \"1h\"\non = \"target\"\n");
  for (const int signal : {SIGTERM, SIGKILL}) {
    testing::SoaklineProgram program(folder_.path(), {"run", file});
    ASSERT_TRUE(eventually([&] {
      const auto marked = processes_marked(mark_);
      return std::any_of(marked.begin(), marked.end(), [](int pid) { return testing::state_of(pid) == 'T'; });
    }));
    kill(program.pid(), signal);
    program.finish();
    EXPECT_TRUE(eventually([&] { return processes_marked(mark_).empty(); }));
  }
}

TEST_F(FaultsRun, FaultsOfTheWireReachWhoIsOnItAndNobodyElse) {
  const std::string file = subscriber(
      "[[faults]]\nkind = \"lose\"\nat = \"1s\"\nfor = \"1s\"\nshare = 0.5\non = \"target->redis\"\n"
      "[[faults]]\nkind = \"reset\"\nat = \"3s\"\non = \"target->redis\"\n"
      "[[faults]]\nkind = \"delay\"\nat = \"5s\"\nfor = \"500ms\"\ndelay = \"20ms\"\non = \"load->redis\"\n");
  const Finished finished = soakline({"run", file});
  EXPECT_TRUE(finished.exit == 0 || finished.exit == 3) << finished.out << finished.err;
  const RecordedRun run = read_run(last_run());
  std::map<std::string, nlohmann::json> counts;
  for (const Event& event : faults_of(run))
    if (event.detail.contains("counts")) counts[event.detail.at("kind")] = event.detail.at("counts");
  EXPECT_GT(counts["lose"].value("messages", 0.0), 10);
  EXPECT_EQ(counts["reset"].value("connections", 0.0), 2) << "the subscriber's";
  EXPECT_EQ(counts["delay"].value("connections", 0.0), 1) << "the load's";
  EXPECT_EQ(run.load.back().value("failed", -1), 0) << "it lost no connection";
  EXPECT_THAT((std::ostringstream() << std::ifstream(last_run() / "target.log").rdbuf()).str(),
              HasSubstr("target-redis.sock restored"));
}

}  // namespace
}  // namespace soakline
