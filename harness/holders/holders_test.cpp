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

constexpr std::uint64_t records = 5000, most = 4950;

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
      if (names.front().text.starts_with("holding::make_record")) sites_.push_back(site);
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
  std::string text = fmt::format("{} survivors, {} lost, {} held, all on {}; ", look.survivors,
                                 look.lost.size(), look.held, look.hangs_on);
  for (const std::string& step : look.chain) text += " -> " + step;
  return text + look.unusable + look.incomplete;
}

// A kind of holder, and what its chain must say, step by step.
struct Kind {
  const char* name;
  std::vector<const char*> chain;

  bool is_right(const HolderLook& look) const {
    if (look.survivors != records || look.chain.size() != chain.size()) return false;
    for (std::size_t i = 0; i < chain.size(); ++i)
      if (!testing::Value(look.chain[i], testing::MatchesRegex(chain[i]))) return false;
    return chain.empty() ? look.lost.size() >= most : look.lost.empty() && look.held >= most;
  }
};

const Kind kinds[] = {
    {"map",
     {"holding::records_by_number", "std::_Hash_node_base.* .0x0\\.\\.",
      "std::_Hash_node<std::pair<long const, holding::Record.*>, false> × .* .linked. .0x10",
      "holding::make_record .*"}},
    {"functions",
     {"holding::registry", "holding::Registry .shared. .0x18", "std::function<long ..>.. .0x0\\.\\.",
      "holding::make_record  holders_target.cpp:[0-9]* × 5,000"}},
    {"list",
     {"holding::list", ".*holders_target.cpp:[0-9]* .0x8",
      "holding::make_record  holders_target.cpp:[0-9]* × 5,000 .linked."}},
    {"stack",
     {"stack of thread [0-9]* .holders_target.: holding::serve_queue  holders_target.cpp:[0-9]*, local queue",
      "holding::Record.*", "holding::Record.* × .*", "holding::make_record .* × .*"}},
    {"lambda",
     {"argument of thread [0-9]* .holders_target.", "holding::hold_by_a_lambda.*thread. .0x8",
      "holding::Session .0x8", "holding::Record.* .0x0\\.\\.", "holding::make_record .* × 5,000"}},
    {"thread-local",
     {"thread-local holding::records_of_thread of thread [0-9]* .holders_target.",
      "holding::Record.* .0x0\\.\\.", "holding::make_record .* × 5,000"}},
    {"cycle", {}}};

// More looks than a test takes by itself: SOAKLINE_LOOKS=20.
int number_of_looks() {
  const char* const given = std::getenv("SOAKLINE_LOOKS");
  return given == nullptr ? 2 : std::atoi(given);
}

class Held : public testing::TestWithParam<Kind> {};

TEST_P(Held, ByRightRootAndChain) {
  Target target(GetParam().name);
  const int looks = number_of_looks();
  int right = 0;
  for (int i = 0; i < looks; ++i) {
    const HolderLook look = target.look();
    if (GetParam().is_right(look))
      ++right;
    else
      ADD_FAILURE() << text_of(look);
  }
  std::printf("%s: right in %d of %d\n", GetParam().name, right, looks);
}

class HeldByWhatIsRebuilt : public testing::TestWithParam<Kind> {};

TEST_P(HeldByWhatIsRebuilt, ByRightRootAndChainInThreeLooks) {
  Target target(GetParam().name, true);
  const int looks = number_of_looks();
  int right = 0;
  for (int i = 0; i < looks; ++i) {
    const HolderLook look = target.three_looks();
    if (GetParam().is_right(look))
      ++right;
    else
      std::printf("%s\n", text_of(look).c_str());
  }
  std::printf("%s: right in %d of %d\n", GetParam().name, right, looks);
  EXPECT_GE(right, looks * 19 / 20);
}

std::string name_of(const testing::TestParamInfo<Kind>& kind) {
  std::string name = kind.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Kinds, Held, testing::ValuesIn(kinds), name_of);
INSTANTIATE_TEST_SUITE_P(Kinds, HeldByWhatIsRebuilt, testing::ValuesIn(kinds), name_of);

}  // namespace
}  // namespace soakline
