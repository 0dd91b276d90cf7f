// Real processes with known blocks, walked from outside.
#include "harness/heap_walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>

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
    Command command;
    command.arguments = {(program_directory() / program).string(), mode, std::to_string(n)};
    process_ =
        std::make_unique<Process>(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
    EXPECT_TRUE(loop_.wait_for([this] { return output_.find("ready") != std::string::npos; },
                               std::chrono::steady_clock::now() + std::chrono::seconds(20)));
    return process_->pid();
  }

  EventLoop loop_;
  std::string output_;
  std::unique_ptr<Process> process_;
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
  process_->stop(loop_, SIGTERM, 10);
  EXPECT_EQ(walker.walk().unusable, "it is gone");
}

}  // namespace
}  // namespace soakline
