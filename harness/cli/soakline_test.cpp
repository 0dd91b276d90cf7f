// The program as its users meet it: verdicts, messages, exit codes, and what is left behind when it is
// killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>

#include <nlohmann/json.hpp>

#include "harness/run_folder.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/soakline_program.hpp"
#include "loadgen/testing/http_server.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using testing::eventually;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::processes_marked;
using testing::SoaklineProgram;

class Soakline : public ::testing::Test {
 protected:
  Finished soakline(std::vector<std::string> arguments) {
    return testing::soakline(folder_.path(), std::move(arguments));
  }

  // A starved sampler passes nothing: on a busy machine a quiet target may need another try.
  Finished soak_until_decided(const std::vector<std::string>& arguments) {
    Finished finished = soakline(arguments);
    for (int again = 0; again < 2 && finished.exit == 3; ++again) finished = soakline(arguments);
    return finished;
  }

  // A scenario around tests' own target, as short as a soak can be; `more` is further TOML.
  std::string scenario(const std::string& command, const std::string& more = "") {
    return folder_.write("demo.toml",
                         "name = \"demo\"\n[target]\ncommand = " + command + "\n" + more +
                             "\n[profiles.quick]\ncompression = 20000\nwarmup = \"1s\"\ntime = \"8s\"\n");
  }
  static std::string unruly(const std::string& rest) { return "[\"{bin}/unruly_target\", " + rest + "]"; }

  // One line, which names the cause and the fix; no stack, no second message.
  static void expect_one_message(const Finished& finished, int exit, const std::string& cause) {
    EXPECT_EQ(finished.exit, exit) << finished.out << finished.err;
    EXPECT_THAT(finished.err + finished.out, HasSubstr(cause));
  }
  std::filesystem::path only_run() {
    const auto folders = run_folders(folder_.path() / "soak-runs");
    EXPECT_EQ(folders.size(), 1U);
    return folders.empty() ? "" : folders.front();
  }

  testing::TemporaryFolder folder_;
  const std::string mark_ = "mark-" + std::to_string(getpid()) + "-" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Soakline, AQuietTargetPassesAndLeavesItsReports) {
  const Finished finished = soak_until_decided({"run", scenario(unruly("\"wait\"")), "--json"});
  EXPECT_EQ(finished.exit, 0) << finished.err;
  const auto json = nlohmann::json::parse(finished.out);
  EXPECT_EQ(json.at("verdict"), "pass");
  EXPECT_EQ(json.at("outcome"), "passed");
  EXPECT_EQ(json.at("metrics").size(), 4U);
  for (const char* name :
       {"run.json", "samples.csv", "events.jsonl", "load.jsonl", "target.log", "report.html", "junit.xml"})
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / json.at("folder") / name)) << name;
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "soak-runs" / "index.html"));
}

TEST_F(Soakline, ADescriptorLeakFailsAndJudgesTheSameAgain) {
  const Finished finished = soakline({"run", scenario(unruly("\"leak-descriptors\", \"50\"")), "--json"});
  EXPECT_EQ(finished.exit, 1) << finished.err;
  const auto live = nlohmann::json::parse(finished.out);
  EXPECT_EQ(live.at("metrics")[0].at("metric"), "descriptors");
  EXPECT_EQ(live.at("metrics")[0].at("verdict"), "fail");
  EXPECT_THAT(live.at("evidence").dump(), HasSubstr("/dev/null"));

  const Finished again = soakline({"judge", only_run(), "--json"});
  EXPECT_EQ(again.exit, 1);
  EXPECT_EQ(nlohmann::json::parse(again.out).at("metrics"), live.at("metrics"));
}

TEST_F(Soakline, TheAgentNamesTheCallThatLeaks) {
  const Finished finished =
      soakline({"run", "--limit", "memory=10GB/day", "--time", "20s", "--warmup", "1s", "--stop", "fail",
                "--settle", "2s", "--json", "--", program_directory() / "agent_target", "leak"});
  ASSERT_EQ(finished.exit, 1) << finished.err;
  const auto json = nlohmann::json::parse(finished.out);
  EXPECT_THAT(json.at("metrics").at(0).at("signal"), AnyOf("sites", "heap_aged"));
  const auto& evidence = json.at("evidence").at(0);
  EXPECT_EQ(evidence.at("kind"), "stack");
  EXPECT_GT(evidence.at("survival"), 0.9);
  EXPECT_THAT(evidence.at("frames").at(0).get<std::string>(), HasSubstr("keep_forever  agent_target.cpp:"));
  EXPECT_EQ(json.at("evidence").at(1).at("kind"), "holder");
  const Finished again = soakline({"judge", only_run(), "--json"});
  EXPECT_EQ(nlohmann::json::parse(again.out).at("metrics"), json.at("metrics"));
}

TEST_F(Soakline, AProcessThatGaveUpTheAgentDoesNotPassBesideOneThatHasIt) {
  const std::string target = program_directory() / "agent_target";
  const std::string leaks = "env -i " + target + " leak & wait";
  const Finished finished = soakline({"run", "--limit", "memory=10GB/day", "--time", "20s", "--warmup", "1s",
                                      "--stop", "fail", "--settle", "2s", "--json", "--", "sh", "-c", leaks});
  EXPECT_NE(finished.exit, 0);
  const auto memory = nlohmann::json::parse(finished.out).at("metrics").at(0);
  EXPECT_EQ(memory.at("metric"), "memory");
  EXPECT_NE(memory.at("verdict"), "pass");
  EXPECT_THAT(finished.err, HasSubstr("no agent in process"));
}

TEST_F(Soakline, AProgramThatGivesUpTheAgentOnItsWayDoesNotPassByWhatWasCountedBefore) {
  const std::string target = program_directory() / "agent_target";
  const Finished finished =
      soakline({"run", "--time", "20s", "--warmup", "2s", "--compression", "500", "--settle", "3s", "--stop",
                "fail", "--json", "--", "sh", "-c", "sleep 8; exec env -i " + target + " leak"});
  EXPECT_NE(finished.exit, 0);
  const auto memory = nlohmann::json::parse(finished.out).at("metrics").at(0);
  EXPECT_NE(memory.at("verdict"), "pass") << memory;
  EXPECT_THAT(finished.err, HasSubstr("no agent in process"));
}

TEST_F(Soakline, TheAgentNamesTheCallThatOpensWhatIsNeverClosed) {
  const Finished finished =
      soakline({"run", "--agent", "--time", "20s", "--warmup", "500ms", "--stop", "fail", "--json", "--",
                program_directory() / "creation_target", "leak-descriptors", "20"});
  ASSERT_EQ(finished.exit, 1) << finished.err;
  const auto json = nlohmann::json::parse(finished.out);
  const auto is_descriptor = [](const auto& one) { return one.at("kind") == "descriptor"; };
  const auto& evidence = json.at("evidence");
  const auto found = std::find_if(evidence.begin(), evidence.end(), is_descriptor);
  ASSERT_NE(found, evidence.end()) << finished.out;
  EXPECT_THAT(found->at("frames").at(0).get<std::string>(), HasSubstr("× socket"));
  EXPECT_THAT(found->at("frames").at(1).get<std::string>(),
              HasSubstr("opened by by_socket  creation_target.cpp:"));
}

TEST_F(Soakline, ATargetThatTheAgentCannotEnterIsSaidAndSoakedWithoutIt) {
  const Finished finished = soakline(
      {"run", "--time", "2s", "--warmup", "200ms", "--", program_directory() / "static_target", "wait"});
  EXPECT_THAT(finished.err + finished.out, HasSubstr("static_target is statically linked"));
  EXPECT_NE(finished.exit, 4);
}

TEST_F(Soakline, NoAgentIsPreloadedWhereAFlagOrTheFileSaysSo) {
  const auto counts_the_heap = [&](const std::vector<std::string>& flags, const char* in_file) {
    std::vector<std::string> arguments = {
        "run", scenario("[\"{bin}/agent_target\", \"hold\", \"10\"]", in_file), "--time", "2s"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    soakline(arguments);
    const RecordedRun run = read_run(run_folders(folder_.path() / "soak-runs").back());
    return std::any_of(run.recording.heap_live_bytes.begin(), run.recording.heap_live_bytes.end(),
                       [](double bytes) { return !std::isnan(bytes); });
  };
  EXPECT_TRUE(counts_the_heap({}, ""));
  EXPECT_FALSE(counts_the_heap({}, "[agent]\npreload = false"));
  EXPECT_FALSE(counts_the_heap({"--no-agent"}, ""));
  EXPECT_TRUE(counts_the_heap({"--agent"}, "[agent]\npreload = false"));
}

TEST_F(Soakline, AtAFailOfMemoryWhatTheProgramSaysItHoldsIsEvidence) {
  // An account that grows by 100 MB a second, whoever asks.
  const std::string command = "[evidence]\ncommand = [\"date\", \"+com.example.Session {pid} %s00000000\"]\n";
  const std::string file = folder_.write(
      "demo.toml", "name = \"demo\"\n[target]\ncommand = [\"{bin}/agent_target\", \"leak\"]\n" + command +
                       "[limits]\nmemory = \"10 GB/day\"\n[profiles.quick]\nwarmup = \"1s\"\ntime = \"20s\"\n"
                       "settle = \"2s\"\nstop = \"fail\"\n");
  const Finished finished = soakline({"run", file, "--json"});
  ASSERT_EQ(finished.exit, 1) << finished.err;
  const auto json = nlohmann::json::parse(finished.out);
  EXPECT_EQ(json.at("evidence").at(0).at("kind"), "stack")
      << "of a program that collects nothing it says more";
  const auto& account = json.at("evidence").back();
  EXPECT_EQ(account.at("kind"), "line");
  EXPECT_THAT(account.at("frames").at(0).get<std::string>(), HasSubstr("com.example.Session: "));
  const auto evidence = folder_.path() / json.at("folder") / "evidence";
  EXPECT_TRUE(std::filesystem::exists(evidence / "warm-up.txt"));
  EXPECT_TRUE(std::filesystem::exists(evidence / "verdict.txt"));
}

TEST_F(Soakline, EvidenceThatCannotBeHadIsSaidAndChangesNoVerdict) {
  const Finished finished = soakline({"run", "--time", "2s", "--warmup", "200ms", "--evidence", "jvm", "--",
                                      program_directory() / "unruly_target", "wait"});
  EXPECT_THAT(finished.err + finished.out, HasSubstr("no [evidence]: no process of the target runs the JVM"));
  EXPECT_NE(finished.exit, 4);
  EXPECT_NE(finished.exit, 1);
  expect_one_message(soakline({"run", "--evidence", "ruby", "--", "true"}), 2, "none of jvm, node and none");
}

TEST_F(Soakline, AControlIsCaughtOrNotByTheMetricItNames) {
  const std::string right = "[variants]\nleaky = { expect = { fail = [\"descriptors\"] } }";
  const Finished caught = soakline({"run", scenario(unruly("\"leak-descriptors\", \"50\""), right)});
  EXPECT_EQ(caught.exit, 0) << caught.out;
  EXPECT_THAT(caught.out, HasSubstr("control caught"));

  const std::string wrong = "[variants]\nleaky = { expect = { fail = [\"threads\"] } }";
  const Finished blind = soakline({"run", scenario(unruly("\"leak-descriptors\", \"50\""), wrong)});
  EXPECT_EQ(blind.exit, 1) << blind.out;
  EXPECT_THAT(blind.out, HasSubstr("NOT caught"));

  const Finished clean = soakline({"run", scenario(unruly("\"wait\""), right)});
  EXPECT_EQ(clean.exit, 1) << clean.out;
  EXPECT_THAT(clean.out, HasSubstr("NOT caught"));
}

// A program as the load of a quiet target; `more` is further keys of [load].
class SoaklineWithProgramAsLoad : public Soakline {
 protected:
  Finished soak(const std::string& command, const std::string& more = "") {
    return soak_until_decided({"run", scenario(unruly("\"wait\""), "[load]\nkind = \"command\"\ncommand = " +
                                                                       command + "\n" + more)});
  }
  static std::string shell(const std::string& script) { return "[\"/bin/sh\", \"-c\", '" + script + "']"; }
  std::vector<double> operations() { return read_run(only_run()).recording.operations; }
};

TEST_F(Soakline, AnHttpLoadRequestsWhatTheFileSays) {
  std::atomic<int> right{0}, wrong{0};
  const HttpServer server([&](const HttpServer::Request& request) -> HttpServer::Answer {
    const bool as_written = request.method == "POST" && request.target == "/orders" &&
                            request.body == "-x{1}" && request.headers.at("X-Kind") == "a, b";
    ++(as_written ? right : wrong);
    return {HttpServer::saying("200 OK")};
  });
  const Finished finished = soak_until_decided(
      {"run", scenario(unruly("\"wait\""),
                       "[load]\nkind = \"http\"\nto = \"" + server.url() +
                           "\"\nrequest = { method = \"POST\", path = \"/orders\", body = \"-x{{1}}\", "
                           "headers = { X-Kind = \"a, b\" }, rate = \"50/s\", shape = \"daily:4s\" }")});
  EXPECT_EQ(finished.exit, 0) << finished.out << finished.err;
  EXPECT_GT(right, 50);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(read_run(run_folders(folder_.path() / "soak-runs").back()).recording.operations.back(), 50)
      << "as of its last line, up to a second ago";
}

TEST_F(SoaklineWithProgramAsLoad, WhatItSaysIsLoggedAndCountsItsOperations) {
  const Finished finished = soak(shell("n=0; while sleep 0.1; do n=$((n+1)); echo requests: $n; done"),
                                 "operations = \"requests: (\\\\d+)\"");
  EXPECT_EQ(finished.exit, 0) << finished.out;
  EXPECT_GT(operations().back(), 20);
  std::ifstream log(only_run() / "load.log");
  std::string first;
  std::getline(log, first);
  EXPECT_EQ(first, "requests: 1");
}

TEST_F(SoaklineWithProgramAsLoad, EndingBeforeTheRunDoesIsInvalidUnlessItMay) {
  expect_one_message(soak(shell("echo no more stock; exit 3")), 4, "ended with exit code 3: no more stock");
  expect_one_message(soak(shell("exit 0")), 4, "may_end = true");
  expect_one_message(soak(shell("exit 3"), "may_end = true"), 4, "ended with exit code 3");
}

TEST_F(SoaklineWithProgramAsLoad, OneThatMayEndLeavesTheRunToGoOn) {
  const Finished finished = soak(shell("echo \"{{\\\"answered\\\": 12}\""), "may_end = true");
  EXPECT_EQ(finished.exit, 0) << finished.out;
  EXPECT_EQ(operations().back(), 12);
}

TEST_F(SoaklineWithProgramAsLoad, OneThatFailsMoreThanItIsAnsweredIsInvalid) {
  expect_one_message(soak(shell("echo \"{{\\\"answered\\\": 1, \\\"failed\\\": 2}\"; exec sleep 99")), 4,
                     "failed 2 times and was answered 1 times");
}

TEST_F(SoaklineWithProgramAsLoad, OneThatIsNotThereIsNamed) {
  expect_one_message(soak("[\"/nowhere/k6\"]"), 2, "[load] command: cannot start '/nowhere/k6'");
}

TEST_F(Soakline, MistakesInTheFileEndWithTwoBeforeAnythingRuns) {
  expect_one_message(soakline({"run", scenario(unruly("\"wait\""), "redy = 5")}), 2, "did you mean 'ready'");
  expect_one_message(soakline({"run", scenario(unruly("\"wait\""), "[limits]\nmemory = \"90 lions/day\"")}),
                     2, "unknown unit 'lions'");
  expect_one_message(soakline({"run", "none.toml"}), 2, "no such scenario file");
  expect_one_message(soakline({"run", scenario("[\"{bni}/x\"]")}), 2, "unknown placeholder '{bni}'");
  EXPECT_TRUE(run_folders(folder_.path() / "soak-runs").empty());
}

TEST_F(Soakline, MistakesOnTheCommandLineEndWithTwo) {
  expect_one_message(soakline({"run"}), 2, "nothing to run");
  expect_one_message(soakline({}), 2, "subcommand");
  expect_one_message(soakline({"run", "--time", "5", "--", "true"}), 2, "--time: '5': the unit is missing");
  expect_one_message(soakline({"run", "--limit", "memory", "--", "true"}), 2, "METRIC=DRIFT");
  expect_one_message(soakline({"attach", "--agent", "--pid", "1"}), 2, "--agent");
  expect_one_message(soakline({"run", scenario(unruly("\"wait\"")), "--variant", "x"}), 2, "--variant x");
  expect_one_message(soakline({"run", scenario(unruly("\"wait\"")), "--profile", "x"}), 2,
                     "there are: quick");
  expect_one_message(soakline({"attach", "--pid", "4194000", "--time", "9s"}), 2, "no such process");
  expect_one_message(soakline({"judge", "nothing-here"}), 2, "cannot be read");
  expect_one_message(soakline({"compare", "a", "b"}), 2, "cannot be read");
}

TEST_F(Soakline, AMissingProgramIsNamed) {
  expect_one_message(soakline({"run", scenario("[\"/nowhere/service\"]")}), 2,
                     "'/nowhere/service': no such program");
  EXPECT_TRUE(run_folders(folder_.path() / "soak-runs").empty());
}

TEST_F(Soakline, AnUnwritableFolderIsNamed) {
  const auto file = folder_.write("occupied", "");
  expect_one_message(soakline({"run", scenario(unruly("\"wait\"")), "--out", file}), 2, "--out");
}

TEST_F(Soakline, ATargetThatDiesEarlyIsInvalidWithItsLastWords) {
  const Finished finished = soakline({"run", scenario(unruly("\"die\", \"300\""))});
  expect_one_message(finished, 4, "exit code 7");
  EXPECT_THAT(finished.out, HasSubstr("the disk of the moon is full"));
  EXPECT_THAT(finished.out, Not(HasSubstr("PASS")));
}

TEST_F(Soakline, AStoppedTargetIsNoSoak) {
  const Finished finished = soakline({"run", "--time", "8s", "--warmup", "1s", "--compression", "20000", "--",
                                      "/bin/sh", "-c", "kill -STOP $$"});
  expect_one_message(finished, 4, "the target is stopped");
}

TEST_F(Soakline, AnExpressionThatWouldExplodeAndALongLineCostNothing) {
  const std::string prints =
      "[\"/bin/sh\", \"-c\", \"head -c 300000 /dev/zero | tr '\\\\0' a; echo; exec sleep 99\"]";
  expect_one_message(soakline({"run", scenario(prints, "ready = { log = '(a+)+$X', within = \"1s\" }")}), 4,
                     "was not ready within 1s");
}

TEST_F(Soakline, ATargetThatNeverGetsReadyIsInvalid) {
  expect_one_message(
      soakline({"run", scenario(unruly("\"wait\""), "ready = { log = \"never said\", within = \"300ms\" }")}),
      4, "was not ready within 0.3s");
  expect_one_message(soakline({"run", scenario(unruly("\"die\", \"0\""), "ready = { file = \"/nowhere\" }")}),
                     4, "before it was ready");
}

TEST_F(Soakline, ARedisThatCannotStartIsInvalid) {
  const char* path = std::getenv("PATH");
  ASSERT_NE(path, nullptr);
  const std::string before = path;
  setenv("PATH", "/nowhere", 1);
  const Finished finished =
      soakline({"run", scenario(unruly("\"wait\""), "[services.redis]\nkind = \"redis\"")});
  setenv("PATH", before.c_str(), 1);
  expect_one_message(finished, 4, "apt-get install redis-server");
}

TEST_F(Soakline, AServiceThatCannotBeHadIsInvalid) {
  const auto with = [&](const std::string& service) {
    return soakline({"run", scenario(unruly("\"wait\""), service)});
  };
  expect_one_message(with("[services.redis]\nurl = \"redis://127.0.0.1:1\""), 4,
                     "no redis answers at redis://127.0.0.1:1");
  expect_one_message(with("[services.other]\ncommand = [\"/nowhere/redis\"]"), 4, "service other");
}

TEST_F(Soakline, APortInUseIsNamedByTheTargetThatWantsIt) {
  const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(taken, 1), 0);
  ASSERT_EQ(getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string port = std::to_string(ntohs(address.sin_port));
  const std::string command =
      "[\"{bin}/executor\", \"--scheduler\", \"dedicated\", \"--listen\", \"" + port + "\"]";
  expect_one_message(soakline({"run", scenario(command, "ready = { log = 'listening' }")}), 4, port);
  close(taken);
}

TEST_F(Soakline, ATermSignalJudgesWhatThereIsWithinFiveSeconds) {
  SoaklineProgram program(folder_.path(), {"run", scenario(unruly("\"deaf\", \"0\", \"" + mark_ + "\"")),
                                           "--time", "2m", "--json"});
  ASSERT_TRUE(eventually([&] {
    return !run_folders(folder_.path() / "soak-runs").empty() && !processes_marked(mark_).empty();
  }));
  ASSERT_TRUE(eventually([&] { return read_run(only_run()).recording.time_s.size() > 5; }));
  const auto before = std::chrono::steady_clock::now();
  kill(program.pid(), SIGTERM);
  const Finished finished = program.finish();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_EQ(finished.exit, 3) << finished.err;
  EXPECT_EQ(nlohmann::json::parse(finished.out).at("message"), "interrupted");
  EXPECT_TRUE(std::filesystem::exists(only_run() / "report.html"));
  EXPECT_TRUE(eventually([&] { return processes_marked(mark_).empty(); }));
}

// As many times as $SOAKLINE_KILLS says; ci/nightly asks for fifty. Every other one counts its moment from
// the run's folder, which a loaded machine may take its time to make.
TEST_F(Soakline, KilledAtAnyMomentItLeavesNoProcessAndAFolderToJudge) {
  const char* wanted = std::getenv("SOAKLINE_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 6;
  std::mt19937 random(7);
  int judged = 0;
  for (int i = 0; i < kills; ++i) {
    const std::vector<std::string> modes = {"daemonise", "prefork", "threads", "deaf"};
    const std::string mark = mark_ + "-" + std::to_string(i);
    const std::string file = scenario(
        unruly("\"" + modes[static_cast<std::size_t>(i) % modes.size()] + "\", \"4\", \"" + mark + "\""),
        "[services.redis]\nkind = \"redis\"\n[load]\nkind = \"redis\"\npublish = { channel = \"" + mark +
            "\", rate = \"50/s\" }");
    const std::string out = "runs-" + std::to_string(i);
    SoaklineProgram program(folder_.path(), {"run", file, "--out", out});
    if (i % 2 == 0) {
      ASSERT_TRUE(eventually([&] { return !run_folders(folder_.path() / out).empty(); }));
    }
    if (!program.ended_within(std::chrono::milliseconds(random() % 3000))) kill(program.pid(), SIGKILL);
    program.finish();
    EXPECT_TRUE(eventually([&] { return processes_marked(mark).empty(); })) << "run " << i;
    for (const auto& folder : run_folders(folder_.path() / out)) {
      const Finished again = soakline({"judge", folder, "--json"});
      EXPECT_TRUE(again.exit == 0 || again.exit == 1 || again.exit == 3) << again.err;
      EXPECT_TRUE(nlohmann::json::parse(again.out).contains("verdict"));
      ++judged;
    }
  }
  EXPECT_GE(judged, kills / 2);
}

TEST_F(Soakline, PlainCommandsAndAttachedProcessesAreSoakedAlike) {
  const Finished run =
      soak_until_decided({"run", "--time", "6s", "--warmup", "1s", "--compression", "20000", "--json", "--",
                          (program_directory() / "unruly_target").string(), "wait"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EventLoop loop;
  Command command;
  command.arguments = {(program_directory() / "unruly_target").string(), "wait"};
  Process other(loop, command, [](std::string_view) {});
  const Finished attach = soak_until_decided({"attach", "--pid", std::to_string(other.pid()), "--time", "6s",
                                              "--warmup", "1s", "--compression", "20000", "--json"});
  EXPECT_EQ(attach.exit, 0) << attach.err;
  EXPECT_TRUE(other.running());  // it is not ours to end
}

TEST_F(Soakline, TwoBuildsAreSoakedSideBySideAndTheirDifferenceIsJudged) {
  const std::string unruly_target = (program_directory() / "unruly_target").string();
  const std::string before = folder_.write("before", "#!/bin/sh\nexec " + unruly_target + " wait\n");
  std::filesystem::permissions(before, std::filesystem::perms::owner_all);
  const auto against = [&](std::vector<std::string> command) {
    // Without the agent: a sanitizer's build of the target cannot have it, and a script that starts one can.
    std::vector<std::string> arguments = {"run",    "--against", before,       "--no-agent",    "--time",
                                          "8s",     "--warmup",  "1s",         "--compression", "20000",
                                          "--json", "--",        unruly_target};
    arguments.insert(arguments.end(), command.begin(), command.end());
    return soak_until_decided(arguments);
  };
  const Finished leaking = against({"leak-descriptors", "50"});
  EXPECT_EQ(leaking.exit, 1) << leaking.err;
  EXPECT_THAT(leaking.err, HasSubstr("drifts more than the base"));
  EXPECT_EQ(run_folders(folder_.path() / "soak-runs").size(), 2U) << "each keeps its own record";
  const Finished same = against({"wait"});
  EXPECT_EQ(same.exit, 0) << same.err;
  EXPECT_EQ(nlohmann::json::parse(same.out).at("verdict"), "pass");
}

TEST_F(Soakline, AnotherBuildThatIsNoneIsSaidBeforeAnythingRuns) {
  for (const std::string other : {"./no-such-build", "/tmp", ""})
    expect_one_message(
        soakline({"run", "--against", other, "--", "/bin/sleep", "60"}), 2,
        other.empty() ? "--against '': no such program" : "--against " + other + ": no such program");
}

TEST_F(Soakline, TwoBuildsCannotShareOnePort) {
  expect_one_message(
      soakline({"run", scenario(unruly("\"wait\""), "ready = { tcp = 7000 }"), "--against", "/bin/sleep"}), 2,
      "cannot share one port");
}

TEST_F(Soakline, ABaseThatDiesIsNoComparisonAndEndsTheOtherRun) {
  const std::string before = folder_.write("before", "#!/bin/sh\nsleep 1\nexit 7\n");
  std::filesystem::permissions(before, std::filesystem::perms::owner_all);
  const Finished finished =
      soakline({"run", "--against", before, "--time", "60s", "--warmup", "1s", "--compression", "20000",
                "--json", "--", (program_directory() / "unruly_target").string(), "wait"});
  EXPECT_EQ(finished.exit, 4);
  EXPECT_THAT(finished.err, HasSubstr("no comparison: the base did not run"));
  EXPECT_EQ(nlohmann::json::parse(finished.out).at("verdict"), "invalid");
  for (const auto& folder : run_folders(folder_.path() / "soak-runs"))
    EXPECT_LT(read_run(folder).recording.end_s(), 30) << "the other was not soaked to its end for nothing";
}

TEST_F(Soakline, ARunTooShortForItsLimitSaysSoAndPassesNothing) {
  const Finished finished = soakline({"run", "--time", "3s", "--warmup", "500ms", "--",
                                      (program_directory() / "unruly_target").string(), "wait"});
  EXPECT_EQ(finished.exit, 3);
  EXPECT_THAT(finished.out, AllOf(HasSubstr("is too short for 90 MB/day"), HasSubstr("would do")));
}

TEST_F(Soakline, AcceptedRunsMakeABaselineThatCatchesOneMoreThread) {
  const auto run = [&](const std::string& threads, const std::string& out) {
    return soak_until_decided(
        {"run", scenario(unruly("\"threads\", \"" + threads + "\"")), "--out", out, "--json"});
  };
  std::vector<std::string> accept = {"accept"};
  for (int i = 0; i < 5; ++i) {
    const Finished finished = run("4", "accepted");
    ASSERT_EQ(finished.exit, 0) << finished.err;
    accept.push_back(nlohmann::json::parse(finished.out).at("folder"));
  }
  EXPECT_EQ(soakline(accept).exit, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "baselines" / "demo.default.json"));
  EXPECT_EQ(run("4", "later").exit, 0);
  const Finished more = run("8", "later");
  EXPECT_EQ(more.exit, 1) << more.err;
  EXPECT_THAT(more.err, AllOf(HasSubstr("threads"), HasSubstr("regression")));
}

TEST_F(Soakline, ABaselineIsNotWornDownByMistake) {
  const Finished run = soak_until_decided({"run", scenario(unruly("\"wait\"")), "--json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const std::string folder = nlohmann::json::parse(run.out).at("folder");
  expect_one_message(soakline({"accept", folder, folder}), 2, "is given twice");
  EXPECT_EQ(soakline({"accept", folder}).exit, 0);
  expect_one_message(soakline({"accept", folder}), 2, "give 5 or more");

  std::filesystem::create_directories(folder_.path() / "baselines");
  folder_.write("baselines/demo.default.json", "{\"runs\": [");
  expect_one_message(soakline({"run", scenario(unruly("\"wait\"")), "--out", "later"}), 2,
                     "not a baseline of soakline");
  EXPECT_TRUE(run_folders(folder_.path() / "later").empty());  // found before the soak, not after it
}

TEST_F(Soakline, ClosedStandardStreamsTakeNothingFromTheRun) {
  SoaklineProgram program(folder_.path(), {"run", scenario(unruly("\"leak-descriptors\", \"50\""))},
                          {0, 1, 2});
  EXPECT_EQ(program.finish().exit, 1);
  const RecordedRun run = read_run(only_run());
  ASSERT_TRUE(run.result);
  EXPECT_EQ(run.result->verdict, Verdict::fail);
}

TEST_F(Soakline, MistypedCommandLinesAreToldWhatWasMeant) {
  expect_one_message(soakline({"frobnicate"}), 2, "no verb 'frobnicate'; there are run,");
  expect_one_message(soakline({"run", "/bin/sleep"}), 2,
                     "is a program, no scenario file; write it after '--'");
}

TEST_F(Soakline, ListShowsWhatEachVariantIsExpectedToDo) {
  const Finished finished = soakline(
      {"list", scenario(unruly("\"wait\""),
                        "[variants]\nleaky = { expect = { fail = [\"memory\"] }, why = \"as it was\" }")});
  EXPECT_EQ(finished.exit, 0);
  EXPECT_THAT(finished.out, AllOf(HasSubstr("leaky"), HasSubstr("control, fails on memory: as it was")));
}

}  // namespace
}  // namespace soakline
