#include "scenarios/frame_service/buffer_pool.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace frame_service {
namespace {

class BufferPoolTest : public testing::TestWithParam<BufferPool::Foreign> {
 protected:
  BufferPool pool_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Variants, BufferPoolTest,
                         testing::Values(BufferPool::Foreign::to_the_arena,
                                         BufferPool::Foreign::to_the_cache),
                         [](const auto& tested) {
                           return std::string(tested.param == BufferPool::Foreign::to_the_arena ? "fixed"
                                                                                                : "leaky");
                         });

TEST_P(BufferPoolTest, NeedsOneBufferForAThreadThatTakesAndReleases) {
  for (int i = 0; i < 100; ++i) pool_.release(pool_.take());
  EXPECT_EQ(pool_.made(), 1U);
}

TEST_P(BufferPoolTest, NeedsOneMoreForEachThatAnotherThreadReleasesAsItLeaked) {
  for (int i = 0; i < 100; ++i) {
    std::jthread([&, buffer = pool_.take()]() mutable { pool_.release(std::move(buffer)); }).join();
  }
  EXPECT_EQ(pool_.made(), GetParam() == BufferPool::Foreign::to_the_arena ? 1U : 100U);
}

TEST_P(BufferPoolTest, KeepsItsThreadsApartFromThoseOfAnotherPool) {
  BufferPool other(GetParam());
  pool_.release(pool_.take());
  other.release(other.take());
  EXPECT_EQ(pool_.made(), 1U);
  EXPECT_EQ(other.made(), 1U);
}

}  // namespace
}  // namespace frame_service
