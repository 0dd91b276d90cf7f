#include "scenarios/executor/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "scenarios/executor/duration.hpp"

namespace executor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Options parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "executor");
  return *parse_options(static_cast<int>(arguments.size()), arguments.data());
}

std::string error_of(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
    return "no error";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Duration, IsANumberWithAUnit) {
  EXPECT_EQ(parse_duration("8.6s"), 8600ms);
  EXPECT_EQ(parse_duration("17.2ms"), 17'200us);
  EXPECT_EQ(parse_duration("0.0172s"), 17'200us);
  EXPECT_EQ(parse_duration("86us"), 86us);
  EXPECT_EQ(parse_duration(" 2 min "), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
}

TEST(Duration, MayBeDividedByANumber) {
  EXPECT_EQ(parse_duration("8.6s/500"), 17'200us);
  EXPECT_EQ(parse_duration("8.6s / 100000"), 86us);
  EXPECT_EQ(parse_duration("500ms/1"), 500ms);
  EXPECT_EQ(parse_duration("1s/0.5"), 2s);
}

TEST(Duration, SaysWhatIsWrongAndHowToWriteIt) {
  for (const char* wrong :
       {"", "s", "8.6", "8.6 parsecs", "-1s", "0s", "nan s", "infs", "1e999s", "8.6s/", "8.6s/0", "8.6s/-2",
        "8.6s/5s", "8.6s/2/2", "8.6s 3s", "2d", "0.1us", "1s/1e300"}) {
    try {
      parse_duration(wrong);
      ADD_FAILURE() << "took '" << wrong << "'";
    } catch (const DurationError& error) {
      EXPECT_THAT(error.what(), HasSubstr("write it like")) << wrong;
    }
  }
}

TEST(Options, DefaultsAreThoseOfTheFixInRealTime) {
  const auto options = parse({});
  EXPECT_EQ(options.scheduler, SchedulerKind::dedicated);
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.heartbeat, 8600ms);
  EXPECT_EQ(options.inject_interval, 500ms);
  EXPECT_EQ(options.max_threads, 32'767U);
  EXPECT_EQ(options.max_frame, 1'048'576U);
}

TEST(Options, TakeWhatIsSaid) {
  const auto options =
      parse({"--scheduler", "long-running", "--listen", "7000", "--executors", "3", "--heartbeat", "8.6s/500",
             "--inject-interval", "500ms/500", "--max-threads", "99", "--max-frame", "512"});
  EXPECT_EQ(options.scheduler, SchedulerKind::long_running);
  EXPECT_EQ(options.port, 7000);
  EXPECT_EQ(options.executors, 3U);
  EXPECT_EQ(options.heartbeat, 17'200us);
  EXPECT_EQ(options.inject_interval, 1ms);
  EXPECT_EQ(options.max_threads, 99U);
  EXPECT_EQ(options.max_frame, 512U);
}

TEST(Options, ErrorsNameTheFlag) {
  EXPECT_THAT(error_of({"--scheduler", "fast"}), HasSubstr("--scheduler: fast not in"));
  EXPECT_THAT(error_of({"--listen", "65536"}), HasSubstr("--listen"));
  EXPECT_THAT(error_of({"--executors", "0"}), HasSubstr("--executors"));
  EXPECT_THAT(error_of({"--heartbeat", "8.6"}), HasSubstr("--heartbeat: '8.6' has no unit"));
  EXPECT_THAT(error_of({"--inject-interval", "0ms"}), HasSubstr("--inject-interval: '0ms' is shorter"));
  EXPECT_THAT(error_of({"--max-threads", "0"}), HasSubstr("--max-threads"));
  EXPECT_THAT(error_of({"--max-frame", "many"}), HasSubstr("--max-frame"));
  EXPECT_THAT(error_of({"--unheard-of"}), HasSubstr("--unheard-of"));
}

}  // namespace
}  // namespace executor
