#include "harness/holders/holders.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <thread>

#include "harness/holders/type_names.hpp"
#include "harness/testing/holders_program.hpp"

namespace soakline {
namespace {

constexpr int records = 5000, most = 4950;

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

  // `held`: by the root, at least.
  bool is_right(const HolderLook& look, std::uint64_t held) const {
    if (look.survivors != records || look.chain.size() != chain.size()) return false;
    for (std::size_t i = 0; i < chain.size(); ++i)
      if (!::testing::Value(look.chain[i], ::testing::MatchesRegex(chain[i]))) return false;
    return chain.empty() ? look.lost.size() >= std::size_t{most} : look.lost.empty() && look.held >= held;
  }
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

const Kind kinds[] = {
    {"map",
     {"holding::records_by_number", "std::_Hash_node_base.* .0x0\\.\\.",
      "std::_Hash_node<std::pair<long const, holding::Record.*>, false> × .* .linked. .0x10",
      "holding::Record × .*"}},
    {"functions",
     {"holding::registry", "holding::Registry .shared. .0x18", "std::function<long ..>.. .0x0\\.\\.",
      "holding::Record × 5,000"}},
    {"list", {"holding::list", "holding::List .0x8", "holding::Record × 5,000 .linked."}},
    {"stack",
     {"stack of thread [0-9]* .holders_target.: holding::serve_queue  holders_target.cpp:[0-9]*, local queue",
      "holding::Record.*", "holding::Record.* × .*", "holding::Record × .*"}},
    {"lambda",
     {"(argument|stack) of thread [0-9]* .holders_target..*", "holding::hold_by_a_lambda.*thread. .0x8",
      "holding::Session .0x8", "holding::Record.* .0x0\\.\\.", "holding::Record × 5,000"}},
    {"thread-local",
     {"thread-local holding::records_of_thread of thread [0-9]* .holders_target.",
      "holding::Record.* .0x0\\.\\.", "holding::Record × 5,000"}},
    {"cycle", {}}};

// More looks than a test takes by itself: SOAKLINE_LOOKS=20.
int number_of_looks() {
  const char* const given = std::getenv("SOAKLINE_LOOKS");
  return given == nullptr ? 2 : std::atoi(given);
}

class Held : public ::testing::TestWithParam<Kind> {};

// Of another thread than the first, which has made it.
bool is_of_first_thread(const HolderLook& look, int pid) {
  return !look.chain.empty() && look.chain.front().starts_with(fmt::format("stack of thread {} ", pid));
}

TEST_P(Held, ByRightRootAndChain) {
  testing::HoldersProgram target(GetParam().name, records);
  const int looks = number_of_looks();
  int right = 0;
  for (int i = 0; i < looks; ++i) {
    const HolderLook look = target.look();
    if (GetParam().is_right(look, most) && !is_of_first_thread(look, target.pids().front()))
      ++right;
    else
      ADD_FAILURE() << text_of(look);
  }
  std::printf("%s: right in %d of %d\n", GetParam().name, right, looks);
}

// Without the agent: chunks of the records' size and no more. Of some the heap was cut a little larger.
bool is_right_of_chunks(const Kind& kind, HolderLook look, std::uint64_t held) {
  if (look.survivors + 10 < records) return false;
  look.survivors = records;
  return kind.is_right(look, held);
}

const Kind chunk_kinds[] = {
    {"map",
     {"holding::records_by_number", "[0-9]* B chunk .0x[0-9a-f]*\\.\\.", "32 B chunk × .* .linked. .0x10",
      "96 B chunk × .*"}},
    {"functions",
     {"holding::registry", "holding::Registry .shared. .0x18", "[0-9]* B chunk .0x[0-9a-f]*\\.\\.",
      "96 B chunk × .*"}},
    {"list", {"holding::list", "32 B chunk .0x8", "96 B chunk × .* .linked."}},
    {"stack",
     {"stack of thread [0-9]* .holders_target.: holding::serve_queue  holders_target.cpp:[0-9]*, local queue",
      "[0-9]* B chunk.*", "528 B chunk × .*", "96 B chunk × .*"}},
    {"lambda",
     {"(argument|stack) of thread [0-9]* .holders_target..*", "holding::hold_by_a_lambda.*thread. .0x8",
      "holding::Session .0x8", "[0-9]* B chunk .0x[0-9a-f]*\\.\\.", "96 B chunk × .*"}},
    {"thread-local",
     {"thread-local holding::records_of_thread of thread [0-9]* .holders_target.",
      "[0-9]* B chunk .0x[0-9a-f]*\\.\\.", "96 B chunk × .*"}},
    {"cycle", {}}};

class HeldChunks : public ::testing::TestWithParam<Kind> {};

TEST_P(HeldChunks, ByRightRootAndChain) {
  testing::HoldersProgram target(GetParam().name, records, false, testing::Agent::none);
  const int looks = number_of_looks();
  for (int i = 0; i < looks; ++i) {
    const HolderLook look = target.look();
    EXPECT_TRUE(is_right_of_chunks(GetParam(), look, most)) << text_of(look);
  }
}

class HeldChunksByWhatIsRebuilt : public ::testing::TestWithParam<Kind> {};

// While the heap is at work there are ways besides, such as a map's pointer to its first node.
TEST_P(HeldChunksByWhatIsRebuilt, ByRightRootInThreeLooks) {
  testing::HoldersProgram target(GetParam().name, records, true, testing::Agent::none);
  const auto& chain = GetParam().chain;
  const int looks = number_of_looks();
  int right = 0;
  for (int i = 0; i < looks; ++i) {
    const HolderLook look = target.three_looks();
    const bool is_right =
        chain.empty()
            ? look.lost.size() >= std::size_t{most}
            : look.lost.size() <= records - most && look.held >= records / 2 &&
                  ::testing::Value(look.chain.front(),
                                   ::testing::MatchesRegex(chain.front() + std::string("( .*)?"))) &&
                  ::testing::Value(look.chain.back(), ::testing::MatchesRegex(chain.back()));
    right += is_right ? 1 : 0;
    if (!is_right) std::printf("%s\n", text_of(look).c_str());
  }
  std::printf("%s: right in %d of %d\n", GetParam().name, right, looks);
  EXPECT_GE(right, looks * 19 / 20);
}

TEST(ChunksHeld, AreNotThoseThatWereFreedAndWaitToBeHandedOutAgain) {
  for (const char* const kind : {"half", "half-in-a-thread"}) {
    testing::HoldersProgram target(kind, records, false, testing::Agent::none);
    const HolderLook look = target.look();
    EXPECT_NEAR(static_cast<double>(look.survivors), records, 20) << kind << ": " << text_of(look);
    EXPECT_THAT(look.lost, ::testing::IsEmpty()) << kind << ": " << text_of(look);
    ASSERT_FALSE(look.chain.empty()) << kind;
    EXPECT_EQ(look.chain.front(), "holding::records_by_number");
  }
}

TEST(ChunksHeld, HaveNothingOfAProcessThatIsGone) {
  testing::HoldersProgram target("map", records, false, testing::Agent::none);
  target.end();
  const HolderLook look = target.look();
  EXPECT_NE(look.unusable, "");
  EXPECT_TRUE(look.chain.empty());
}

TEST(ChunksHeld, EndureTheEndOfTheTargetAtAnyMomentOfALook) {
  for (int i = 0; i < 10; ++i) {
    testing::HoldersProgram target("map", 20 * records, false, testing::Agent::none);
    const int pid = target.pids().front();
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5 * i));  // another moment each time
      kill(pid, SIGKILL);
    });
    while (target.look().unusable.empty()) {
    }
    killer.join();
  }
}

class HeldByWhatIsRebuilt : public ::testing::TestWithParam<Kind> {};

TEST_P(HeldByWhatIsRebuilt, ByRightRootAndChainInThreeLooks) {
  testing::HoldersProgram target(GetParam().name, records, true);
  const int looks = number_of_looks();
  int right = 0;
  for (int i = 0; i < looks; ++i) {
    const HolderLook look = target.three_looks();
    if (GetParam().is_right(look, records / 2) && !is_of_first_thread(look, target.pids().front()))
      ++right;
    else
      std::printf("%s\n", text_of(look).c_str());
  }
  std::printf("%s: right in %d of %d\n", GetParam().name, right, looks);
  EXPECT_GE(right, looks * 19 / 20);
}

TEST_P(HeldByWhatIsRebuilt, LosesNoneInOneLookAtAProcessThatStands) {
  testing::HoldersProgram program(GetParam().name, records, true);
  program.pause_at_looks();
  for (int i = 0; i < number_of_looks(); ++i) {
    const HolderLook look = program.look();
    EXPECT_EQ(look.survivors, std::uint64_t{records}) << text_of(look);
    EXPECT_EQ(look.lost.empty(), !GetParam().chain.empty()) << text_of(look);
  }
}

TEST(Holders, HaveNothingOfAProcessThatIsGone) {
  testing::HoldersProgram target("map", records);
  target.end();
  const HolderLook look = target.look();
  EXPECT_NE(look.unusable, "");
  EXPECT_TRUE(look.chain.empty());
  EXPECT_TRUE(look.lost.empty());
}

TEST(Holders, AreNoneWhereOnlyTheAllocatorPointsIntoTheBlock) {
  testing::HoldersProgram target("last", 1);
  const HolderLook look = target.look();
  EXPECT_EQ(look.survivors, 1U);
  EXPECT_EQ(look.lost.size(), 1U) << text_of(look);
}

HolderLook look_with(Tier tier, const char* root, std::uint64_t held, std::vector<std::uint64_t> lost) {
  HolderLook look;
  look.survivors = 100;
  look.tier = tier;
  if (root != nullptr) look.chain = {root, "Record"};
  look.held = held;
  look.lost = std::move(lost);
  return look;
}

TEST(Holders, AreTheRootThatHeldMostInAllLooks) {
  Holders holders;
  holders.add(look_with(Tier::globals, "a", 60, {}));
  holders.add(look_with(Tier::globals, "b", 90, {}));
  holders.add(look_with(Tier::globals, "a", 55, {}));
  EXPECT_EQ(holders.answer().chain.front(), "a");
}

TEST(Holders, AreTheSureRootWhereTwoLooksSawTheStackThatWasAtWork) {
  Holders holders;
  holders.add(look_with(Tier::running_stacks, "stack", 95, {}));
  holders.add(look_with(Tier::running_stacks, "stack", 95, {}));
  holders.add(look_with(Tier::globals, "a", 70, {}));
  EXPECT_EQ(holders.answer().chain.front(), "a");
}

TEST(Holders, HaveLostWhatWasLostInEveryLook) {
  Holders holders;
  holders.add(look_with(Tier::none, nullptr, 0, {16, 32, 48}));
  holders.add(look_with(Tier::none, nullptr, 0, {32, 48, 64}));
  EXPECT_THAT(holders.answer().lost, ::testing::ElementsAre(32, 48));
  holders.add(look_with(Tier::globals, "a", 100, {}));
  EXPECT_THAT(holders.answer().lost, ::testing::IsEmpty());
  EXPECT_EQ(holders.answer().chain.front(), "a");
}

TEST(Holders, SayWhyThereIsNothingToBeSeen) {
  Holders holders;
  HolderLook look;
  look.unusable = "it is gone";
  holders.add(look);
  EXPECT_EQ(holders.answer().unusable, "it is gone");
  holders.add(look_with(Tier::globals, "a", 100, {}));
  EXPECT_EQ(holders.answer().unusable, "");
}

TEST(TidyName, LeavesOutDefaultsAndWhatIsTooDeep) {
  EXPECT_EQ(tidy_name("std::map<int, std::vector<long, std::allocator<long> >, std::less<int>, "
                      "std::allocator<std::pair<int const, std::vector<long, std::allocator<long> > > > >"),
            "std::map<int, std::vector<long>>");
  EXPECT_EQ(tidy_name("(anonymous namespace)::statics()::only"), "statics()::only");
  EXPECT_LE(tidy_name("a<b<c<d<" + std::string(200, 'x') + "> > > >").size(), 72U);
  EXPECT_EQ(tidy_name("a<"), "a<");
}

TEST(Holders, AreOneRootWhereManyThreadsDoTheSame) {
  testing::HoldersProgram target("stacks", records);
  const HolderLook look = target.look();
  EXPECT_GE(look.held, 98U * records / 100) << text_of(look);  // one thread has said so, the others not
  ASSERT_FALSE(look.chain.empty());
  EXPECT_THAT(look.chain.front(), ::testing::MatchesRegex("stack of thread .*, and 4[89] alike"));
}

TEST(Holders, AreInTheKernelWhereEpollGivesBackThePointer) {
  testing::HoldersProgram target("epoll", 100);
  const HolderLook look = target.look();
  EXPECT_EQ(look.survivors, 100U);
  EXPECT_THAT(look.lost, ::testing::IsEmpty());
  EXPECT_THAT(look.chain,
              ::testing::ElementsAre(::testing::HasSubstr("epoll, descriptor "), "holding::Record × 100"));
}

TEST(Holders, OfAForksChildAreItsOwn) {
  testing::HoldersProgram target("fork", records);
  ASSERT_EQ(target.pids().size(), 2U);
  for (const int pid : target.pids()) {
    const HolderLook look = target.look(pid);
    EXPECT_EQ(look.survivors, std::uint64_t{records}) << text_of(look);
    ASSERT_FALSE(look.chain.empty()) << text_of(look);
    EXPECT_EQ(look.chain.front(), "holding::records_by_number");
  }
}

TEST(Holders, EndureTheEndOfTheTargetAtAnyMomentOfALook) {
  for (int i = 0; i < 10; ++i) {
    testing::HoldersProgram target("map", 20 * records);
    const int pid = target.pids().front();
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5 * i));  // another moment each time
      kill(pid, SIGKILL);
    });
    for (HolderLook look = target.look(); look.unusable.empty(); look = target.look())
      EXPECT_TRUE(look.lost.empty()) << text_of(look);
    killer.join();
  }
}

std::string name_of(const ::testing::TestParamInfo<Kind>& kind) {
  std::string name = kind.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Kinds, Held, ::testing::ValuesIn(kinds), name_of);
INSTANTIATE_TEST_SUITE_P(Kinds, HeldChunks, ::testing::ValuesIn(chunk_kinds), name_of);
INSTANTIATE_TEST_SUITE_P(Kinds, HeldChunksByWhatIsRebuilt, ::testing::ValuesIn(chunk_kinds), name_of);
INSTANTIATE_TEST_SUITE_P(Kinds, HeldByWhatIsRebuilt, ::testing::ValuesIn(kinds), name_of);

}  // namespace
}  // namespace soakline
