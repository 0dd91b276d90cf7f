// Real processes with known blocks, walked from outside.
#include "harness/heap_walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <thread>

#include "harness/heap_watch.hpp"
#include "harness/process.hpp"
#include "harness/testing/processes.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

constexpr std::size_t header_bytes = 8;  // of a chunk; its size is a multiple of 16

double chunks_for(const HeapWalk& walk, std::size_t block_bytes) {
  return walk.counts[chunk_class_of((block_bytes + header_bytes + 15) / 16 * 16)];
}

// A started target, ended with the test; the guard's one child is the process walked.
class HeapWalkTest : public ::testing::Test {
 protected:
  int start(const std::string& program, const std::string& mode, int n = 0) {
    output_.clear();
    Command command;
    command.arguments = {(program_directory() / program).string(), mode, std::to_string(n)};
    processes_.push_back(
        std::make_unique<Process>(loop_, command, [this](std::string_view bytes) { output_ += bytes; }));
    EXPECT_TRUE(loop_.wait_for([this] { return output_.find("ready") != std::string::npos; },
                               std::chrono::steady_clock::now() + std::chrono::seconds(20)));
    return processes_.back()->pid();
  }

  EventLoop loop_;
  std::string output_;
  std::vector<std::unique_ptr<Process>> processes_;
};

TEST(ChunkClasses, AscendAndHoldTheirBounds) {
  const auto classes = chunk_classes();
  EXPECT_TRUE(std::is_sorted(classes.begin(), classes.end()));
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto bound = static_cast<std::uint64_t>(classes[i]);
    EXPECT_EQ(chunk_class_of(bound), i);
    if (i + 1 < classes.size()) {
      EXPECT_EQ(chunk_class_of(bound + 1), i + 1);
    }
  }
  EXPECT_EQ(chunk_class_of(std::uint64_t{1} << 40), classes.size() - 1);
}

TEST_F(HeapWalkTest, CountsTheMainArenaExactly) {
  const HeapWalk walk = HeapWalker(start("heap_target", "main", 10'000)).walk();
  EXPECT_EQ(walk.unusable, "");
  EXPECT_EQ(chunks_for(walk, 700), 10'000);
  EXPECT_EQ(walk.arenas, 1);
  EXPECT_EQ(walk.broken, 0);
  EXPECT_THAT(walk.bytes, AllOf(Ge(7.2e6), Le(7.4e6)));
}

TEST_F(HeapWalkTest, FreedBlocksAreNotCounted) {
  EXPECT_EQ(chunks_for(HeapWalker(start("heap_target", "holes", 1000)).walk(), 3000), 1000);
}

TEST_F(HeapWalkTest, CountsThreadArenasOfOneHeap) {
  const HeapWalk walk = HeapWalker(start("heap_target", "threads", 5'000)).walk();
  EXPECT_EQ(chunks_for(walk, 700), 20'000);
  EXPECT_EQ(walk.arenas, 5);
}

TEST_F(HeapWalkTest, CountsThreadArenasOfSeveralHeaps) {
  const HeapWalk walk = HeapWalker(start("heap_target", "threads", 120'000)).walk();
  EXPECT_EQ(chunks_for(walk, 700), 480'000);
  EXPECT_EQ(walk.arenas, 9);
  EXPECT_EQ(walk.broken, 0);
}

TEST_F(HeapWalkTest, CountsMmappedBlocksThatTouch) {
  // 300,000 bytes are a chunk of 74 pages.
  const HeapWalk walk = HeapWalker(start("heap_target", "mmapped", 10)).walk();
  EXPECT_EQ(walk.counts[chunk_class_of(74 * 4096)], 10);
}

TEST_F(HeapWalkTest, FindsMmappedBlocksAmongOtherMemory) {
  const HeapWalk walk = HeapWalker(start("heap_target", "among-mappings", 50)).walk();
  EXPECT_EQ(walk.counts[chunk_class_of(74 * 4096)], 50);
}

TEST_F(HeapWalkTest, ListsEachChunkThatItCounts) {
  for (const char* const mode : {"main", "threads", "mmapped"}) {
    HeapWalker walker(start("heap_target", mode, 1000));
    const HeapWalk walk = walker.walk();
    const HeapList list = walker.list(std::uint64_t{1} << 30);
    EXPECT_EQ(list.unusable, "");
    EXPECT_EQ(static_cast<double>(list.chunks.size()), walk.chunks) << mode;
    for (std::size_t i = 1; i < list.chunks.size(); ++i)
      ASSERT_LE(list.chunks[i - 1].start + list.chunks[i - 1].bytes, list.chunks[i].start) << mode;
    EXPECT_EQ(list.arenas.size(), std::string_view(mode) == "threads" ? 4U : 0U);
    // Blocks begin with a 1 and zeros.
    const auto ours = [](const HeapChunk& chunk) { return chunk.bytes > 700 && chunk.first_word == 1; };
    EXPECT_GE(std::count_if(list.chunks.begin(), list.chunks.end(), ours), 1000);
  }
}

TEST_F(HeapWalkTest, ListsNoHeapThatIsTooLarge) {
  const HeapList list = HeapWalker(start("heap_target", "main", 10'000)).list(5'000'000);
  EXPECT_EQ(list.unusable, "its heap has more than 5 MB");
  EXPECT_TRUE(list.chunks.empty());
}

TEST_F(HeapWalkTest, OfABusyProcessIsOffByLittle) {
  HeapWalker walker(start("heap_target", "churn", 20'000));
  for (int i = 0; i < 20; ++i) {
    const HeapWalk walk = walker.walk();
    // Threads' caches hold up to seven of each size besides.
    EXPECT_THAT(walk.chunks, AllOf(Ge(79'000), Le(83'000))) << walk.broken << " broken";
    EXPECT_LE(walk.unread_bytes, 0.01 * walk.bytes);
    EXPECT_EQ(walk.arenas, 5);
  }
}

TEST(HeapWalkOfItself, CountsWhatTheProcessHolds) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator is not glibc's";
#endif
  HeapWalker walker(getpid());
  HeapWalk walk;
  walker.walk(walk);
  walker.walk(walk);  // the first one made the counts, for which malloc may have joined free chunks
  const double before = chunks_for(walk, 5000), all_before = walk.chunks;
  walker.walk(walk);
  EXPECT_EQ(walk.chunks, all_before);  // walking leaves nothing behind
  std::vector<std::unique_ptr<char[]>> held;
  held.reserve(1000);
  for (int i = 0; i < 1000; ++i) held.push_back(std::make_unique<char[]>(5000));
  walker.walk(walk);
  EXPECT_EQ(chunks_for(walk, 5000) - before, 1000);
}

TEST_F(HeapWalkTest, OfAStaticProgramSaysSo) {
  const HeapWalk walk = HeapWalker(start("static_target", "wait")).walk();
  EXPECT_EQ(walk.unusable, "statically linked");
  EXPECT_EQ(walk.chunks, 0);
}

TEST_F(HeapWalkTest, OfAProcessThatIsGoneSaysSo) {
  const int pid = start("heap_target", "main", 1);
  HeapWalker walker(pid);
  EXPECT_EQ(walker.walk().unusable, "");
  processes_.back()->stop(loop_, SIGTERM, 10);
  EXPECT_EQ(walker.walk().unusable, "it is gone");
}

TEST_F(HeapWalkTest, WithoutPermissionSaysSo) {
  int pid = 1;
  if (geteuid() == 0) pid = start("heap_target", "main", 1);
  std::string unusable;
  std::thread([&] {
    // The system call itself changes this thread alone.
    if (geteuid() == 0 && syscall(SYS_setresuid, 65534, 65534, 65534) != 0) return;
    unusable = HeapWalker(pid).walk().unusable;
  }).join();
  EXPECT_EQ(unusable, no_permission);
}

class HeapWatchTest : public HeapWalkTest {
 protected:
  std::optional<ChunkWalk> next_walk(HeapWatch& watch, double time_s, const std::vector<int>& pids) {
    std::optional<ChunkWalk> walk;
    EXPECT_TRUE(testing::eventually([&] { return (walk = watch.at_sample(time_s, pids)).has_value(); }));
    return walk;
  }
};

TEST_F(HeapWatchTest, HandsOverTheSumOfAllProcesses) {
  const std::vector<int> pids = {start("heap_target", "main", 1000), start("heap_target", "main", 2000)};
  HeapWatch watch(60);
  EXPECT_FALSE(watch.at_sample(0, pids));
  const auto walk = next_walk(watch, 1.5, pids);
  EXPECT_EQ(walk->time_s, 1.5);
  EXPECT_EQ(walk->counts[chunk_class_of(720)], 3000);
  EXPECT_TRUE(watch.take_notes().empty());
}

TEST_F(HeapWatchTest, OfNothingThatCanBeWalkedSaysWhyOnceAndHandsOverNothing) {
  const std::vector<int> pids = {start("static_target", "wait"), start("static_target", "wait")};
  HeapWatch watch(60);
  std::vector<HeapNote> notes;
  const auto walked = [&] {
    EXPECT_FALSE(watch.at_sample(0, pids));
    notes = watch.take_notes();
    return !notes.empty();
  };
  EXPECT_TRUE(testing::eventually(walked));
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].cause, "statically linked");
}

TEST_F(HeapWatchTest, BacksOffByItsOwnCostAndSaysSo) {
  const std::vector<int> pids = {start("heap_target", "main", 10'000)};
  HeapWatch watch(1e-6);
  next_walk(watch, 0, pids);
  const auto notes = watch.take_notes();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].cause, "seldom");
  EXPECT_THAT(notes[0].message, ::testing::HasSubstr("at most 0.5 % of a core"));
  next_walk(watch, 1000, pids);
  EXPECT_TRUE(watch.take_notes().empty());
}

TEST_F(HeapWatchTest, EndsInTheMiddleOfAWalk) {
  const std::vector<int> pids = {start("heap_target", "threads", 120'000)};
  HeapWatch watch(60);
  watch.at_sample(0, pids);
}

}  // namespace
}  // namespace soakline
