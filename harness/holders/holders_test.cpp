#include "harness/holders/holders.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>

#include "harness/process.hpp"

namespace soakline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int records = 5000;

// holders_target with the agent, and which of its sites has the records.
class Target {
 public:
  explicit Target(const std::string& kind, bool rebuilds = false) {
    Command command;
    command.arguments = {program_directory() / "holders_target", kind, std::to_string(records)};
    if (rebuilds) command.arguments.push_back("rebuild");
    heap_.preload(command);
    process_.emplace(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
    loop_.wait_for([&] { return output_.find('\n') != output_.npos || !process_->running(); },
                   std::chrono::steady_clock::now() + std::chrono::seconds(50));
    EXPECT_TRUE(process_->running()) << output_;
    heap_.at_sample(0);
    heap_.at_sample(100);
    find_sites();
    symbols_.emplace(pid());
  }
  ~Target() { process_->stop(loop_, SIGKILL, 0); }

  pid_t pid() const { return process_->pid(); }
  HolderLook look() { return look_at_holders(heap_.process(pid()), pid(), sites_, 0, 1, *symbols_); }
  HolderLook three_looks() {
    Holders holders;
    for (int i = 0; i < 3; ++i) holders.add(look());
    return holders.answer();
  }
  void kill() { process_->stop(loop_, SIGKILL, 0); }

 private:
  void find_sites() {
    ASSERT_TRUE(heap_.read(100, {pid()}));
    const LiveProcess& process = heap_.processes().at(pid());
    Symbols symbols(pid());
    for (std::uint32_t site = 1; site < process.sites(); ++site) {
      const auto names = symbols.names(process.site(site).caller);
      if (names.front().text.starts_with("make_record")) sites_.push_back(site);
    }
    ASSERT_EQ(sites_.size(), 1U);
  }

  LiveHeap heap_{60, 3600};
  EventLoop loop_;
  std::optional<Process> process_;
  std::string output_;
  std::vector<std::uint32_t> sites_;
  std::optional<Symbols> symbols_;
};

std::string text_of(const HolderLook& look) {
  std::string text = fmt::format("{} survivors, {} lost, {} held, hangs on {}; ", look.survivors,
                                 look.lost.size(), look.held, look.hangs_on);
  for (const std::string& step : look.chain) text += " -> " + step;
  return text + look.unusable + look.incomplete;
}

TEST(Holders, Show) {
  for (const char* kind : {"map", "functions", "list", "stack", "lambda", "cycle", "thread-local"}) {
    Target target(kind);
    std::printf("%s: %s\n", kind, text_of(target.look()).c_str());
  }
  for (const char* kind : {"map", "functions", "list", "stack", "lambda", "cycle"}) {
    Target target(kind, true);
    for (int i = 0; i < 3; ++i) std::printf("%s rebuilt: %s\n", kind, text_of(target.look()).c_str());
  }
}

}  // namespace
}  // namespace soakline
