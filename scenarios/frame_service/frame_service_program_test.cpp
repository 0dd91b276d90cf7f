// The built program as its user runs it.
#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/executor/frame_client.hpp"
#include "scenarios/executor/server_process.hpp"
#include "scenarios/executor/test_support.hpp"

namespace frame_service {
namespace {

using executor::FrameClient;
using testing::HasSubstr;

class FrameServiceProgram : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Variants, FrameServiceProgram, testing::Values("fixed", "leaky"),
                         [](const auto& tested) { return std::string(tested.param); });

executor::ServerProcess frame_service(std::vector<std::string> arguments) {
  return executor::ServerProcess(std::move(arguments), 0, "frame_service");
}

TEST_P(FrameServiceProgram, EchoesFramesInOrderAndStops) {
  auto service = frame_service({"echo", "--variant", GetParam()});
  FrameClient client(service.read_port());
  for (int frame = 0; frame < 200; ++frame) client.send(std::to_string(frame));
  for (int frame = 0; frame < 200; ++frame) EXPECT_EQ(client.receive(), std::to_string(frame));
  EXPECT_THAT(client.echo(std::string(5000, 'x')), HasSubstr("larger than a buffer"));
  service.send_signal(SIGTERM);
  EXPECT_EQ(service.wait(), 0);
}

TEST_P(FrameServiceProgram, PassesFramesOnAndStops) {
  executor::ServerProcess upstream({"--listen", "0"});
  auto service = frame_service({"gateway", "--variant", GetParam(), "--upstream",
                                "127.0.0.1:" + std::to_string(upstream.read_port())});
  EXPECT_EQ(FrameClient(service.read_port()).echo("a cup"), "a cup");
  service.send_signal(SIGINT);
  EXPECT_EQ(service.wait(), 0);
}

TEST(FrameServiceProgramUsage, ErrorsAreOneLineAndExitWithTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{}, "subcommand"},
      {{"gateway"}, "--upstream is required"},
      {{"gateway", "--upstream", "7000"}, "--upstream: '7000' is no address and port"},
      {{"gateway", "--upstream", "127.0.0.1:0"}, "--upstream: "},
      {{"gateway", "--upstream", "127.0.0.1:7", "--pause", "1"}, "--pause: '1' has no unit"},
      {{"echo", "--variant", "slow"}, "--variant: slow not in"},
      {{"echo", "--threads", "0"}, "--threads"}};
  for (const auto& [arguments, message] : wrong) {
    auto service = frame_service(arguments);
    EXPECT_EQ(service.wait(), 2) << message;
    const auto errors = service.errors();
    EXPECT_THAT(errors, testing::StartsWith("frame_service: "));
    EXPECT_THAT(errors, HasSubstr(message));
    EXPECT_EQ(errors.find('\n'), errors.size() - 1) << errors;
  }
}

}  // namespace
}  // namespace frame_service
