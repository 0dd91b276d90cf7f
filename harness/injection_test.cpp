// The agent in processes that run: what they count from then on, what they had before, and who is refused.
#include "harness/injection.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <boost/process/search_path.hpp>
#include <nlohmann/json.hpp>

#include "harness/live_heap.hpp"
#include "harness/process.hpp"
#include "harness/readiness.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/soakline_program.hpp"
#include "harness/testing/temporary_folder.hpp"

namespace soakline {
namespace {

using testing::Child;
using testing::eventually;
using ::testing::HasSubstr;

class Injection : public ::testing::Test {
 protected:
  void SetUp() override {
#ifndef __x86_64__
    GTEST_SKIP() << "only on x86-64";
#endif
    if (boost::process::search_path("gdb").empty()) GTEST_SKIP() << "gdb is not installed";
    const Child child;
    if (ptrace(PTRACE_SEIZE, child.pid(), nullptr, nullptr) != 0)
      GTEST_SKIP() << "ptrace is not allowed here";
  }
};

// A program of ours that runs without the agent.
class Target {
 public:
  explicit Target(std::vector<std::string> arguments) {
    arguments[0] = program_directory() / arguments[0];
    Command command;
    command.arguments = std::move(arguments);
    process_.emplace(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
  }
  ~Target() { process_->stop(loop_, SIGKILL, 0); }

  bool says(const std::string& text) {
    return eventually([&] {
             loop_.drain();
             return output_.find(text) != std::string::npos || !process_->running();
           }) &&
           process_->running();
  }
  // What it holds of what it made since, after one more round of making; nothing where it did not survive
  // that.
  std::optional<std::pair<long, long>> held_after_a_round() {
    output_.clear();
    // It may just be between two waits.
    const bool answers = eventually([&] {
      if (output_.empty()) kill(pid(), SIGUSR1);
      loop_.wait_for([&] { return output_.ends_with('\n'); },
                     std::chrono::steady_clock::now() + std::chrono::milliseconds(200));
      return output_.ends_with('\n') || !process_->running();
    });
    std::pair<long, long> held;
    const std::size_t last = output_.rfind("held");
    if (!answers || last == std::string::npos ||
        std::sscanf(output_.c_str() + last, "held %ld %ld", &held.first, &held.second) != 2) {
      ADD_FAILURE() << "no answer but '" << output_ << "', " << process_->ending();
      return std::nullopt;
    }
    return held;
  }
  pid_t pid() const { return process_->pid(); }

 private:
  EventLoop loop_;
  std::string output_;
  std::optional<Process> process_;
};

std::pair<std::uint64_t, std::uint64_t> code_of(int pid, const std::string& program) {
  std::pair<std::uint64_t, std::uint64_t> range{~std::uint64_t{0}, 0};
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t start = 0, end = 0;
    if (!line.ends_with("/" + program) || std::sscanf(line.c_str(), "%lx-%lx", &start, &end) != 2) continue;
    range = {std::min(range.first, start), std::max(range.second, end)};
  }
  return range;
}

// Blocks and bytes born in the code of that file.
std::pair<long, long> counted(LiveHeap& heap, int pid, const std::string& program = "injection_target") {
  EXPECT_TRUE(heap.read(0, {pid}));
  const LiveProcess& process = heap.process(pid);
  const auto [from, to] = code_of(pid, program);
  std::pair<long, long> sum{0, 0};
  for (std::uint32_t site = 0; site < process.sites(); ++site) {
    const std::uint64_t caller = process.site(site).caller;
    if (caller < from || caller >= to) continue;
    for (std::uint32_t epoch = 0; epoch < process.epochs(); ++epoch) {
      const LiveCell cell = process.cell(epoch, site);
      sum.first += cell.blocks;
      sum.second += cell.bytes;
    }
  }
  return sum;
}

class InjectionInto : public Injection, public ::testing::WithParamInterface<const char*> {};

TEST_P(InjectionInto, AProcessThatWaitsCountsWhatIsMadeFromThenOnAndHarmsNothingOfBefore) {
  Target target({"injection_target", GetParam(), "0"});
  ASSERT_TRUE(target.says("ready"));
  LiveHeap heap(60, 3600);
  heap.inject(target.pid());
  for (int round = 0; round < 3; ++round) {
    heap.at_sample(10 * round);
    const auto held = target.held_after_a_round();
    ASSERT_TRUE(held);
    EXPECT_EQ(held->first, 750);
    EXPECT_EQ(counted(heap, target.pid()), held);
  }
}
INSTANTIATE_TEST_SUITE_P(Of, InjectionInto,
                         ::testing::Values("poll", "epoll", "read", "sleep", "semaphore", "pause", "run"),
                         [](const auto& how) { return std::string(how.param); });

TEST_F(Injection, IntoProcessesWhoseThreadsAreInMallocAllTheTimeHarmsNone) {
  // More than a test takes by itself: SOAKLINE_INJECTIONS=20.
  const char* const asked = std::getenv("SOAKLINE_INJECTIONS");
  const int processes = asked == nullptr ? 4 : std::atoi(asked);
  for (int i = 0; i < processes; ++i) {
    Target target({"injection_target", i % 2 == 0 ? "poll" : "run", i % 2 == 0 ? "2" : "1"});
    ASSERT_TRUE(target.says("ready"));
    LiveHeap heap(60, 3600);
    heap.inject(target.pid());
    ASSERT_TRUE(target.held_after_a_round()) << "process " << i;
    ASSERT_TRUE(heap.read(0, {target.pid()}));
    EXPECT_GT(counted(heap, target.pid()).first, 750);
  }
}

TEST_F(Injection, FollowsALibraryThatIsLoadedLaterFromTheNextEpochOn) {
  Target target({"injection_target", "poll", "0", program_directory() / "libstress_plugin.so"});
  ASSERT_TRUE(target.says("ready"));
  LiveHeap heap(60, 3600);
  heap.inject(target.pid());
  for (int round = 0; round < 4; ++round) {
    heap.at_sample(10 * round);
    ASSERT_TRUE(target.held_after_a_round());
    EXPECT_EQ(counted(heap, target.pid(), "libstress_plugin.so").first, 10 * round);
  }
}

TEST_F(Injection, LetsASoakFailWithTheLineThatLeaks) {
  const testing::TemporaryFolder folder;
  Target target({"agent_target", "leak"});
  const testing::Finished soak = testing::soakline(
      folder.path(), {"attach", "--inject", "--pid", std::to_string(target.pid()), "--limit",
                      "memory=100MB/day", "--compression", "100", "--time", "20s", "--warmup", "1s",
                      "--settle", "2s", "--stop", "fail", "--json"});
  ASSERT_EQ(soak.exit, 1) << soak.err;
  EXPECT_THAT(soak.err, HasSubstr("may return EINTR"));
  const auto evidence = nlohmann::json::parse(soak.out).at("evidence").at(0);
  EXPECT_EQ(evidence.at("kind"), "stack");
  EXPECT_GT(evidence.at("survival"), 0.9);
  EXPECT_THAT(evidence.at("frames").at(0).get<std::string>(), HasSubstr("keep_forever  agent_target.cpp:"));
  EXPECT_EQ(kill(target.pid(), 0), 0);
}

TEST_F(Injection, IsAFlagOfAttachAlone) {
  const testing::TemporaryFolder folder;
  const testing::Finished run = testing::soakline(folder.path(), {"run", "--inject", "--", "sleep", "9"});
  EXPECT_EQ(run.exit, 2);
  EXPECT_THAT(run.err, HasSubstr("--inject"));
  Target target({"static_target", "wait"});
  const testing::Finished attach = testing::soakline(
      folder.path(), {"attach", "--inject", "--pid", std::to_string(target.pid()), "--time", "9s"});
  EXPECT_EQ(attach.exit, 2);
  EXPECT_THAT(attach.err, HasSubstr("is statically linked"));
}

TEST_F(Injection, OutlivesItsHarnessAndCountsAnewForTheNext) {
  Target target({"injection_target", "poll", "2"});
  ASSERT_TRUE(target.says("ready"));
  for (int watch = 0; watch < 3; ++watch) {
    {
      LiveHeap heap(60, 3600);
      heap.inject(target.pid());
      heap.at_sample(0);
      ASSERT_TRUE(target.held_after_a_round());
      ASSERT_TRUE(heap.read(0, {target.pid()}));
      EXPECT_GE(counted(heap, target.pid()).first, 750);
    }
    ASSERT_TRUE(target.held_after_a_round());
  }
}

std::string status_of(int pid) {
  std::ostringstream text;
  text << std::ifstream(fmt::format("/proc/{}/status", pid)).rdbuf();
  return text.str();
}

std::string refusal(int pid) {
  LiveHeap heap(60, 3600);
  try {
    heap.inject(pid);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "none";
}

TEST_F(Injection, IsRefusedWhereAnotherWatches) {
  Target target({"injection_target", "poll", "0"});
  ASSERT_TRUE(target.says("ready"));
  LiveHeap heap(60, 3600);
  heap.inject(target.pid());
  EXPECT_THAT(refusal(target.pid()), HasSubstr("is watched by another 'soakline attach --inject' already"));
  EXPECT_TRUE(target.held_after_a_round());
}

TEST_F(Injection, IsRefusedByAStaticProgram) {
  Target target({"static_target", "wait"});
  EXPECT_THAT(refusal(target.pid()), HasSubstr("is statically linked"));
}

TEST_F(Injection, IsRefusedOfAProcessThatIsNotThere) {
  pid_t gone = 0;
  {
    const Child child;
    gone = child.pid();
  }
  EXPECT_THAT(refusal(gone), HasSubstr("is not there"));
}

TEST_F(Injection, IsRefusedOfAProcessOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make one";
  constexpr uid_t nobody = 65534;
  const Child child([] {
    if (setuid(nobody) != 0) _exit(1);
  });
  ASSERT_TRUE(eventually([&] { return status_of(child.pid()).find("Uid:\t65534") != std::string::npos; }));
  EXPECT_THAT(refusal(child.pid()), HasSubstr("belongs to user 65534"));
}

TEST_F(Injection, IsRefusedOfAStoppedProcess) {
  const Child child([] { raise(SIGSTOP); });
  ASSERT_TRUE(eventually([&] { return status_of(child.pid()).find("State:\tT") != std::string::npos; }));
  EXPECT_THAT(refusal(child.pid()), HasSubstr("is stopped"));
}

TEST_F(Injection, IsRefusedWhereADebuggerIs) {
  const Child child;
  ASSERT_EQ(ptrace(PTRACE_SEIZE, child.pid(), nullptr, nullptr), 0);
  EXPECT_THAT(refusal(child.pid()), HasSubstr(fmt::format("is traced by process {}", getpid())));
}

TEST_F(Injection, IsRefusedOfAProcessThatWasStartedWithTheAgent) {
  LiveHeap heap(60, 3600);
  Command command;
  command.arguments = {program_directory() / "agent_target", "hold", "10"};
  heap.preload(command);
  EventLoop loop;
  std::string output;
  Process process(loop, command, [&](std::string_view bytes) { output += bytes; });
  ASSERT_TRUE(eventually([&] {
    loop.drain();
    return output.find("held") != std::string::npos;
  }));
  EXPECT_THAT(refusal(process.pid()), HasSubstr("was started with the agent"));
  process.stop(loop, SIGKILL, 0);
}

}  // namespace
}  // namespace soakline
