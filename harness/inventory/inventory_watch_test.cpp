// Targets and runtimes are asked as in a soak; whoever has no JVM or Node skips those.
#include "harness/inventory/inventory_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "harness/inventory/bounded_command.hpp"
#include "harness/inventory/node_process.hpp"
#include "harness/process.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/temporary_folder.hpp"

namespace soakline {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using testing::eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::processes_marked;
using testing::TemporaryFolder;
using Preset = EvidencePlan::Preset;

constexpr double patience_s = 50;

Command command(std::vector<std::string> arguments) {
  Command made;
  made.arguments = std::move(arguments);
  return made;
}

bool installed(const char* program) {
  const CommandOutput output = run_bounded(command({program, "--version"}), patience_s, 1 << 20, {});
  return output.problem.empty() || output.problem.find("no such program") == std::string::npos;
}

TEST(BoundedCommand, ItsOutputComesWhole) {
  const CommandOutput output = run_bounded(command({"seq", "200000"}), patience_s, 4 << 20, {});
  EXPECT_EQ(output.problem, "");
  EXPECT_EQ(std::count(output.text.begin(), output.text.end(), '\n'), 200'000);
}

TEST(BoundedCommand, OneThatFailsSaysHowAndItsLastWords) {
  const CommandOutput output =
      run_bounded(command({"sh", "-c", "echo one; echo no such VM; exit 3"}), patience_s, 1 << 20, {});
  EXPECT_EQ(output.problem, "'sh' ended with exit code 3; its last line: no such VM");
}

TEST(BoundedCommand, OneThatIsMissingIsNamed) {
  EXPECT_THAT(run_bounded(command({"no-such-jcmd"}), patience_s, 1 << 20, {}).problem,
              HasSubstr("'no-such-jcmd': no such program"));
}

TEST(BoundedCommand, OneThatTakesTooLongOrSaysTooMuchIsEndedWithAllItStarted) {
  const std::string mark = "mark-" + std::to_string(getpid()) + "-bounded";
  EXPECT_THAT(run_bounded(command({"sh", "-c", "sleep 600 & sleep 600", mark}), 0.1, 1 << 20, {}).problem,
              HasSubstr("took longer than 0.1s"));
  EXPECT_THAT(run_bounded(command({"yes", mark}), patience_s, 1 << 20, {}).problem,
              HasSubstr("'yes' says more than 1.05 MB"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run_bounded(command({"sleep", "600", mark}), patience_s, 1 << 20, stop.get_token()).problem,
            "interrupted");
  EXPECT_THAT(processes_marked(mark), IsEmpty());
}

// A target and a watch over it, whose samples come when the test says so.
class InventoryWatchTest : public ::testing::Test {
 protected:
  void start(const std::vector<std::string>& arguments, bool answers = false) {
    Command program = command(arguments);
    program.working_directory = folder_.path();
    if (answers) let_node_answer(program);
    target_.emplace(loop_, program, [this](std::string_view bytes) { output_ += bytes; });
  }
  void watch(const EvidencePlan& plan) {
    info_.scenario = "demo";
    info_.variant = "default";
    run_.emplace(folder_.path() / "runs", info_);
    JudgeSettings settings;
    settings.warmup_s = 100;
    watch_.emplace(plan, settings, Placeholders{}, *run_,
                   [this](const std::string& note) { notes_.push_back(note); });
  }
  static EvidencePlan plan(std::vector<std::string> arguments, double within_s = patience_s) {
    return {Preset::none, std::move(arguments), within_s};
  }
  void look_first() {
    const auto taken = [&] {
      watch_->at_sample(80, {target_ ? target_->pid() : getpid()});
      return events().find("\"when\":\"warm-up\"") != std::string::npos;
    };
    EXPECT_TRUE(loop_.wait_for(taken, std::chrono::steady_clock::now() + std::chrono::seconds(50)));
  }
  std::vector<Evidence> at_a_fail(double within_s = patience_s) {
    return watch_->evidence({memory(Verdict::fail)}, 180, loop_, within_s);
  }
  static MetricVerdict memory(Verdict verdict) {
    MetricVerdict metric;
    metric.metric = Metric::memory;
    metric.verdict = verdict;
    return metric;
  }
  bool said(const std::string& words) {
    const auto is = [&] { return output_.find(words) != std::string::npos; };
    loop_.wait_for([&] { return is() || !target_->running(); },
                   std::chrono::steady_clock::now() + std::chrono::seconds(50));
    loop_.drain();
    return is();
  }
  std::string text_of(const std::filesystem::path& file) {
    std::ifstream input(info_.folder / file);
    return {std::istreambuf_iterator<char>(input), {}};
  }
  std::string events() { return text_of("events.jsonl"); }
  // Every byte counts for 864 a day: 100 s lie between the looks.
  std::string held(const std::string& text) { return folder_.write("held.txt", text); }

  TemporaryFolder folder_;
  RunInfo info_;
  EventLoop loop_;
  std::string output_;
  std::optional<Process> target_;
  std::optional<RunFolder> run_;
  std::vector<std::string> notes_;
  std::optional<InventoryWatch> watch_;
};

TEST_F(InventoryWatchTest, WhatGrewBetweenWarmUpAndAFailIsEvidence) {
  watch(plan({"cat", held("Session 1000 100000\nCache 10 5000\n")}));
  look_first();
  held("Session 3000 300000\nCache 10 5000\n");
  const auto evidence = at_a_fail();
  ASSERT_EQ(evidence.size(), 1U);
  EXPECT_EQ(evidence[0].kind, "line");
  EXPECT_THAT(evidence[0].frames, ElementsAre("Session: 2,000 more, 200 kB"));
  EXPECT_DOUBLE_EQ(evidence[0].per_day, 200'000 * 864);
  EXPECT_THAT(notes_, IsEmpty());
  EXPECT_EQ(text_of("evidence/warm-up.txt"), "Session 1000 100000\nCache 10 5000\n");
  EXPECT_EQ(text_of("evidence/verdict.txt"), "Session 3000 300000\nCache 10 5000\n");
}

TEST_F(InventoryWatchTest, NothingIsAskedBeforeTheLastQuarterOfWarmUpNorUnlessMemoryFails) {
  watch(plan({"sh", "-c", "echo Session 5 $$"}));
  watch_->at_sample(74, {getpid()});
  EXPECT_FALSE(std::filesystem::exists(info_.folder / "evidence/warm-up.txt"));
  look_first();
  EXPECT_THAT(watch_->evidence({memory(Verdict::pass)}, 180, loop_, patience_s), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(info_.folder / "evidence/verdict.txt"));
}

TEST_F(InventoryWatchTest, ALookThatGoesOnHoldsNoSampleUp) {
  const std::string mark = "mark-" + std::to_string(getpid()) + "-slow";
  watch(plan({"sh", "-c", "sleep 600", mark}));
  const auto start = std::chrono::steady_clock::now();
  for (double time_s = 75; time_s < 200; time_s += 0.1) watch_->at_sample(time_s, {getpid()});
  EXPECT_THAT(at_a_fail(), IsEmpty());
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("went on until the verdict")));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_THAT(processes_marked(mark), IsEmpty());
}

TEST_F(InventoryWatchTest, ACommandThatFailsIsSaidOnceAndNotAskedAgain) {
  for (const auto& [arguments, problem] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"false"}, "'false' ended with exit code 1"},
           {{"no-such-jcmd", "{pid}"}, "'no-such-jcmd': no such program"},
           {{"true"}, "no line with a name and a number"}}) {
    notes_.clear();
    watch(plan(arguments));
    look_first();
    EXPECT_THAT(at_a_fail(), IsEmpty());
    EXPECT_THAT(notes_, ElementsAre(HasSubstr(problem)));
  }
}

TEST_F(InventoryWatchTest, ASecondLookThatFailsIsSaid) {
  watch(plan({"cat", held("Session 1000 100000\n")}));
  look_first();
  std::filesystem::remove(folder_.path() / "held.txt");
  EXPECT_THAT(at_a_fail(), IsEmpty());
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("'cat' ended with exit code 1")));
}

TEST_F(InventoryWatchTest, WhoeverIsInAHurryWaitsNoLonger) {
  const std::string mark = "mark-" + std::to_string(getpid()) + "-hurry";
  const auto file = folder_.write("slow.sh", "echo Session 1 2\n");
  watch(plan({"sh", file, mark}));
  look_first();
  folder_.write("slow.sh", "sleep 600\n");
  EXPECT_THAT(at_a_fail(0.1), IsEmpty());
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("took longer than 0.1s")));
  EXPECT_THAT(processes_marked(mark), IsEmpty());
}

TEST_F(InventoryWatchTest, WhereTheAccountDoesNotGrowThatIsSaid) {
  watch(plan({"echo", "Session 1 2"}));
  look_first();
  EXPECT_THAT(at_a_fail(), IsEmpty());
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("lies outside of it")));
}

TEST_F(InventoryWatchTest, TheCommandIsGivenTheProcessWithMostMemory) {
  start({"sh", "-c", "python3 -c 'import signal; print(\"ready\", flush=True); signal.pause()' & wait"});
  if (!said("ready")) GTEST_SKIP() << "python3 is not installed";
  std::vector<int> pids = {target_->pid()};
  std::ifstream children("/proc/" + std::to_string(target_->pid()) + "/task/" +
                         std::to_string(target_->pid()) + "/children");
  int child = 0;
  children >> child;
  pids.push_back(child);
  EXPECT_EQ(whom_to_ask(Preset::none, pids).pid, child);
  EXPECT_EQ(whom_to_ask(Preset::jvm, pids).pid, 0);
  EXPECT_EQ(evidence_command(plan({"jcmd", "{pid}"}), {}, child).arguments[1], std::to_string(child));
}

TEST_F(InventoryWatchTest, AnUnknownPlaceholderIsRefusedAtOnce) {
  EXPECT_THROW(watch(plan({"jcmd", "{pdi}"})), ScenarioError);
}

TEST_F(InventoryWatchTest, ATargetThatIsNoRuntimeOfThePresetIsSaid) {
  start({"sleep", "600"});
  watch({Preset::jvm, {}, patience_s});
  look_first();
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("no process of the target runs the JVM")));
}

TEST(NodeSignals, AreReadFromTheCommandLineAndNodeOptionsTheFormerFirst) {
  EXPECT_EQ(asked_signals({"node", "app.js"}, "").snapshot, 0);
  EXPECT_EQ(asked_signals({"node", "app.js"}, "--heapsnapshot-signal=SIGUSR2").snapshot, SIGUSR2);
  EXPECT_EQ(
      asked_signals({"node", "--heapsnapshot-signal", "SIGUSR1", "app.js"}, "--heapsnapshot-signal=SIGUSR2")
          .snapshot,
      SIGUSR1);
  EXPECT_EQ(asked_signals({}, "--max-old-space-size=64 --report-on-signal").report, SIGUSR2);
  EXPECT_EQ(asked_signals({}, "--report-on-signal --report-signal=SIGWINCH").report, SIGWINCH);
  EXPECT_EQ(asked_signals({}, "--heapsnapshot-signal=NONSENSE").snapshot, 0);
}

TEST(NodeSignals, ATargetOfOursIsMadeToListenUnlessItDoes) {
  Command program = command({"node", "app.js"});
  program.environment["NODE_OPTIONS"] = "--max-old-space-size=64";
  let_node_answer(program);
  EXPECT_EQ(
      program.environment["NODE_OPTIONS"],
      "--max-old-space-size=64 --heapsnapshot-signal=SIGURG --report-on-signal --report-signal=SIGWINCH");
  const NodeSignals signals = asked_signals(program.arguments, program.environment["NODE_OPTIONS"]);
  EXPECT_EQ(signals.snapshot, SIGURG);
  EXPECT_EQ(signals.report, SIGWINCH);
  const std::string once = program.environment["NODE_OPTIONS"];
  let_node_answer(program);
  EXPECT_EQ(program.environment["NODE_OPTIONS"], once);
}

TEST_F(InventoryWatchTest, AProgramThatOnlyClaimsToListenIsNotSignalled) {
  start({"env", "NODE_OPTIONS=--heapsnapshot-signal=SIGUSR2", "sleep", "600"});
  const std::string name = "/proc/" + std::to_string(target_->pid()) + "/comm";
  ASSERT_TRUE(eventually([&] {
    std::string comm;
    std::ifstream(name) >> comm;
    return comm == "sleep";
  }));
  const NodeAnswer answer = ask_node(target_->pid(), false, folder_.path() / "x.heapsnapshot", 5, {});
  EXPECT_THAT(answer.problem, HasSubstr("--heapsnapshot-signal=SIGUSR2"));
  EXPECT_TRUE(target_->running());
}

bool explained_by(const std::vector<Evidence>& evidence, const std::string& kind, const std::string& words) {
  return std::any_of(evidence.begin(), evidence.end(), [&](const Evidence& one) {
    return one.kind == kind && one.metric == Metric::memory &&
           one.frames.at(0).find(words) != std::string::npos;
  });
}

// Both hold a thousand sessions and take 20,000 more when asked to by a file, so that a busy machine finds
// the same heap as a quick one.
constexpr const char* leak_in_java = R"(
import java.util.*;
public class Leak {
  static final class Session { final byte[] cart = new byte[200]; }
  static final List<Session> sessions = new ArrayList<>();
  static void take(int more) {
    for (int i = 0; i < more; ++i) sessions.add(new Session());
    System.out.println("sessions " + sessions.size() + ".");
  }
  public static void main(String[] arguments) throws Exception {
    take(1000);
    while (!new java.io.File("more").exists()) Thread.sleep(5);
    take(20000);
    Thread.sleep(600000);
  }
})";

TEST_F(InventoryWatchTest, TheJvmNamesTheClassThatGrew) {
  if (!installed("java") || !installed("jcmd") || !installed("javac"))
    GTEST_SKIP() << "java, javac and jcmd are not all installed";
  start({"java", "-Xmx256m", "-XX:TieredStopAtLevel=1", folder_.write("Leak.java", leak_in_java)});
  ASSERT_TRUE(said("sessions 1000.")) << output_;
  watch({Preset::jvm, {}, patience_s});
  look_first();
  const std::string before = text_of("evidence/warm-up.txt");
  EXPECT_THAT(before, HasSubstr("Leak$Session"));
  folder_.write("more", "");
  ASSERT_TRUE(said("sessions 21000.")) << output_;
  const auto evidence = at_a_fail();
  EXPECT_THAT(notes_, IsEmpty());
  EXPECT_TRUE(explained_by(evidence, "class", "Leak$Session: ")) << text_of("evidence/verdict.txt");
  EXPECT_TRUE(explained_by(evidence, "class", "byte[]: "));
  EXPECT_THAT(evidence.at(0).frames.at(0), HasSubstr("Leak$Session")) << "before what it is made of";
}

constexpr const char* leak_in_node = R"(
class Session { constructor(i) { this.token = 's' + i; this.cart = [i, i + 1]; } }
const sessions = [], fs = require('fs');
function take(more) {
  for (let i = 0; i < more; ++i) sessions.push(new Session(sessions.length));
  console.log('sessions ' + sessions.length + '.');
}
take(1000);
const asking = setInterval(() => {
  if (!fs.existsSync('more')) return;
  clearInterval(asking);
  take(20000);
  setInterval(() => {}, 1000);
}, 5);
)";

TEST_F(InventoryWatchTest, NodeNamesTheConstructorAndTheSpaceThatGrewAndLeavesNothingBehind) {
  if (!installed("node")) GTEST_SKIP() << "node is not installed";
  start({"node", folder_.write("leak.js", leak_in_node)}, true);
  ASSERT_TRUE(said("sessions 1000.")) << output_;
  watch({Preset::node, {}, patience_s});
  look_first();
  folder_.write("more", "");
  ASSERT_TRUE(said("sessions 21000.")) << output_;
  const auto evidence = at_a_fail();
  EXPECT_THAT(notes_, IsEmpty());
  EXPECT_TRUE(explained_by(evidence, "class", "Session: ")) << text_of("evidence/verdict.txt");
  EXPECT_TRUE(explained_by(evidence, "heap space", "old_space: "));
  EXPECT_THAT(evidence.at(0).frames.at(0), HasSubstr("Session"));
  EXPECT_TRUE(std::filesystem::exists(info_.folder / "evidence/warm-up.heapsnapshot"));
  EXPECT_TRUE(std::filesystem::exists(info_.folder / "evidence/verdict.heapsnapshot"));
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    EXPECT_THAT(entry.path().filename().string(), AnyOf("leak.js", "more", "runs"));
}

TEST_F(InventoryWatchTest, OfARunThatDoesNotFailTheFirstSnapshotIsNotKept) {
  if (!installed("node")) GTEST_SKIP() << "node is not installed";
  start({"node", folder_.write("leak.js", leak_in_node)}, true);
  ASSERT_TRUE(said("sessions 1000.")) << output_;
  watch({Preset::node, {}, patience_s});
  look_first();
  EXPECT_THAT(watch_->evidence({memory(Verdict::pass)}, 180, loop_, patience_s), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(info_.folder / "evidence/warm-up.heapsnapshot"));
  EXPECT_TRUE(std::filesystem::exists(info_.folder / "evidence/warm-up.txt"));
}

TEST_F(InventoryWatchTest, ANodeThatWasNotStartedToAnswerIsNotSignalledAndTheFixIsSaid) {
  if (!installed("node")) GTEST_SKIP() << "node is not installed";
  start({"env", "-u", "NODE_OPTIONS", "node", folder_.write("leak.js", leak_in_node)});
  ASSERT_TRUE(said("sessions 1000.")) << output_;
  watch({Preset::node, {}, patience_s});
  look_first();
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("NODE_OPTIONS=--heapsnapshot-signal=SIGUSR2")));
  folder_.write("more", "");
  EXPECT_TRUE(said("sessions 21000.")) << "it lives on";
}

}  // namespace
}  // namespace soakline
