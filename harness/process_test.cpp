#include "harness/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/log_file.hpp"
#include "harness/process_tree.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/temporary_folder.hpp"

namespace soakline {
namespace {

using testing::eventually;
using ::testing::HasSubstr;
using testing::processes_marked;

class ProcessTest : public ::testing::Test {
 protected:
  // Every process of the test carries the mark in its arguments.
  Command unruly(const std::string& mode, int n = 0) const {
    Command command;
    command.arguments = {(program_directory() / "unruly_target").string(), mode, std::to_string(n), mark_};
    return command;
  }
  auto keep_output() {
    return [this](std::string_view bytes) { output_ += bytes; };
  }
  bool said(const std::string& words) {
    return loop_.wait_for([&] { return output_.find(words) != std::string::npos; },
                          std::chrono::steady_clock::now() + std::chrono::seconds(20));
  }
  bool all_gone() {
    return eventually([this] { return processes_marked(mark_).empty(); });
  }

  EventLoop loop_;
  std::string output_;
  const std::string mark_ = "mark-" + std::to_string(getpid()) + "-" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ProcessTest, GivesItsOutputAndItsEnding) {
  Process process(loop_, unruly("die", 0), keep_output());
  EXPECT_TRUE(said("the disk of the moon is full"));
  EXPECT_TRUE(loop_.wait_for([&] { return !process.running(); },
                             std::chrono::steady_clock::now() + std::chrono::seconds(20)));
  EXPECT_EQ(process.ending(), "exit code 7");
}

TEST_F(ProcessTest, TakesLinesWhereAskedForAndTellsItsEnd) {
  Command cat;
  cat.arguments = {"/bin/cat"};
  Process process(loop_, cat, keep_output(), Process::Input::lines);
  EXPECT_TRUE(process.write_line("a line"));
  EXPECT_TRUE(said("a line\n"));
  Process deaf(loop_, cat, keep_output());
  EXPECT_FALSE(deaf.write_line("a line"));
  process.stop(loop_, SIGKILL, 0);
  EXPECT_FALSE(process.write_line("a line"));
}

TEST_F(ProcessTest, ASignalReachesTheWholeTree) {
  Process process(loop_, unruly("prefork", 4), keep_output());
  ASSERT_TRUE(said("ready"));
  const auto stopped_are = [this](int wanted) {
    return eventually([=, this] {
      int number = 0;
      for (const int pid : processes_marked(mark_)) number += testing::state_of(pid) == 'T';
      return number == wanted;
    });
  };
  process.send_to_tree(SIGSTOP);
  EXPECT_TRUE(stopped_are(5)) << "its guard goes on";
  process.send_to_tree(SIGCONT);
  EXPECT_TRUE(stopped_are(0));
}

TEST_F(ProcessTest, ItsLastWordsAreThereOnceItEnded) {
  for (int time = 0; time < 20; ++time) {
    output_.clear();
    Process process(loop_, unruly("die", 0), keep_output());
    EXPECT_TRUE(
        eventually([&] { return !process.running(); }));  // without the loop: its words stand in the pipe
    loop_.drain();
    EXPECT_THAT(output_, HasSubstr("the disk of the moon is full"));
  }
}

TEST_F(ProcessTest, AMissingProgramIsAnErrorThatNamesIt) {
  Command command;
  command.arguments = {"/nowhere/at-all"};
  try {
    const Process never(loop_, command, keep_output());
    ADD_FAILURE();
  } catch (const StartError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'/nowhere/at-all': no such program"));
  }
}

TEST_F(ProcessTest, PassesArgumentsUntouchedByAnyShell) {
  Command command;
  command.arguments = {"/usr/bin/printf", "%s", "$(touch x); `id` * \"q\""};
  Process process(loop_, command, keep_output());
  EXPECT_TRUE(said("$(touch x); `id` * \"q\""));
}

TEST_F(ProcessTest, GivesTheEnvironmentAndTheFolderAskedFor) {
  const testing::TemporaryFolder folder;
  Command command;
  command.arguments = {"/bin/sh", "-c", "echo $SOAKLINE_MOOD; pwd"};
  command.environment = {{"SOAKLINE_MOOD", "calm"}};
  command.working_directory = folder.path();
  Process process(loop_, command, keep_output());
  EXPECT_TRUE(said("calm\n" + folder.path().string() + "\n"));
}

TEST_F(ProcessTest, ADeafOneIsKilledAfterItsGrace) {
  Process process(loop_, unruly("deaf"), keep_output());
  ASSERT_TRUE(said("ready"));
  process.stop(loop_, SIGTERM, 0.2);
  EXPECT_TRUE(all_gone());
}

TEST_F(ProcessTest, ADaemonInASessionOfItsOwnEndsWithUs) {
  {
    Process process(loop_, unruly("daemonise"), keep_output());
    ASSERT_TRUE(said("ready"));
    EXPECT_FALSE(processes_marked(mark_).empty());
  }
  EXPECT_TRUE(all_gone());
}

TEST_F(ProcessTest, ADaemonStaysInTheTree) {
  Process process(loop_, unruly("daemonise"), keep_output());
  ASSERT_TRUE(said("ready"));
  ProcessTree tree(process.guard_pid(), false);
  // The daemon may be ready before the process that made it has ended.
  ASSERT_TRUE(eventually([&] {
    tree.refresh();
    return tree.members().size() == 1;
  }));
  EXPECT_NE(tree.members()[0], process.pid());
}

TEST_F(ProcessTest, PreforkedWorkersAreInTheTreeAndEndWithUs) {
  {
    Process process(loop_, unruly("prefork", 6), keep_output());
    ASSERT_TRUE(said("ready"));
    ProcessTree tree(process.guard_pid(), false);
    tree.refresh();
    EXPECT_EQ(tree.members().size(), 7U);
  }
  EXPECT_TRUE(all_gone());
}

// The harness is killed without a chance to clean up: the guard's pipe closes and the whole tree ends.
TEST_F(ProcessTest, NothingSurvivesTheKillingOfItsStarter) {
  for (const char* mode : {"daemonise", "prefork", "deaf"}) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t starter = fork();
    if (starter == 0) {
      EventLoop loop;
      Process process(loop, unruly(mode, 4), [&](std::string_view bytes) {
        if (!bytes.empty() && write(ready[1], "r", 1) != 1) _exit(1);
      });
      loop.run_until(std::chrono::steady_clock::now() + std::chrono::seconds(60));
      _exit(0);
    }
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    EXPECT_FALSE(processes_marked(mark_).empty());
    kill(starter, SIGKILL);
    waitpid(starter, nullptr, 0);
    EXPECT_TRUE(all_gone()) << mode;
    close(ready[0]);
    close(ready[1]);
  }
}

TEST(LogFileTest, IsCappedAndKeepsItsLastLine) {
  const testing::TemporaryFolder folder;
  LogFile log(folder.path() / "x.log", 1000);
  for (int i = 0; i < 1000; ++i) log.write("line " + std::to_string(i) + "\n");
  EXPECT_EQ(log.last_line(), "line 999");
  EXPECT_LE(std::filesystem::file_size(folder.path() / "x.log"), 1100U);
  EXPECT_LE(std::filesystem::file_size(folder.path() / "x.log.1"), 1100U);
}

TEST(LineSplitterTest, ALineWithoutEndDoesNotGrowForEver) {
  std::size_t longest = 0, lines = 0;
  LineSplitter splitter([&](std::string_view line) {
    longest = std::max(longest, line.size());
    ++lines;
  });
  for (int i = 0; i < 1000; ++i) splitter.add(std::string(1000, 'x'));
  EXPECT_LT(longest, 100'000U);
  EXPECT_GT(lines, 5U);
}

}  // namespace
}  // namespace soakline
