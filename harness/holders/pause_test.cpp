#include "harness/holders/pause.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "harness/testing/processes.hpp"

namespace soakline {
namespace {

// A process that works, then waits until it is killed.
class Child {
 public:
  explicit Child(auto&& work) : pid_(fork()) {
    if (pid_ == 0) {
      work();
      for (;;) pause();
    }
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

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
