#include "harness/holders/pause.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "harness/testing/processes.hpp"

namespace soakline {
namespace {

using testing::Child;

TEST(Pause, StopsAProcessForAsLongAsItLasts) {
  const Child child([] {});
  {
    const Pause pause(child.pid());
    EXPECT_EQ(testing::state_of(child.pid()), 'T');
  }
  EXPECT_TRUE(testing::eventually([&] { return testing::state_of(child.pid()) == 'S'; }));
}

TEST(Pause, LeavesAProcessStoppedThatWasStoppedBefore) {
  const Child child([] {});
  kill(child.pid(), SIGSTOP);
  ASSERT_TRUE(testing::eventually([&] { return testing::state_of(child.pid()) == 'T'; }));
  { const Pause pause(child.pid()); }
  EXPECT_EQ(testing::state_of(child.pid()), 'T');
}

TEST(Pause, EndsWithTheProcessThatPauses) {
  const Child paused([] {});
  {
    const Child pausing([&] { new Pause(paused.pid()); });
    ASSERT_TRUE(testing::eventually([&] { return testing::state_of(paused.pid()) == 'T'; }));
  }
  EXPECT_TRUE(testing::eventually([&] { return testing::state_of(paused.pid()) == 'S'; }));
}

TEST(Pause, OfAProcessThatIsGoneIsNoError) {
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  const Pause pause(gone);
}

}  // namespace
}  // namespace soakline
