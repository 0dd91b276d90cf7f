#include "harness/evidence/creations.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdio>
#include <sstream>

#include "harness/evidence/descriptor_evidence.hpp"
#include "harness/evidence/mapping_evidence.hpp"
#include "harness/evidence/thread_evidence.hpp"
#include "harness/evidence/thread_stacks.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/target_program.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// A descriptor or thread, and the function that made it.
struct Made {
  int number = 0;
  std::string maker;
};

// creation_target in one of its modes, with the agent, until it waits.
class Target {
 public:
  Target(const std::string& mode, int n = 0, std::size_t processes = 1)
      : program_(&heap_, {"creation_target", mode, std::to_string(n)}, "ready\n", processes) {
    EXPECT_TRUE(program_.running()) << program_.output();
    EXPECT_TRUE(testing::eventually([&] { return all_wait(); }));
    EXPECT_TRUE(heap_.read(0, pids()));
  }

  int pid() const { return program_.pid(); }
  std::vector<int> pids() const { return program_.pids(); }
  const LiveHeap& heap() const { return heap_; }
  const LiveProcess& process(int of) const { return heap_.processes().at(of); }

  // What it says it made, the last word on each number.
  std::vector<Made> made() const {
    std::map<int, std::string> last;
    std::istringstream lines(program_.output());
    for (std::string line; std::getline(lines, line);)
      if (int number = 0; std::sscanf(line.c_str(), "%d ", &number) == 1)
        last[number] = line.substr(line.find(' ') + 1);
    std::vector<Made> result;
    for (const auto& [number, maker] : last) result.push_back({number, maker});
    return result;
  }

  // The whole stack that made a descriptor, "" where none is recorded.
  std::string maker_of(int of, int descriptor) const {
    const auto record = descriptor_creation(process(of), of, descriptor);
    return record ? text_of(of, *record) : "";
  }
  std::string text_of(int of, const CreationRecord& record) const {
    Symbols& symbols = symbols_.try_emplace(of, of).first->second;
    std::string text;
    for (const std::uint64_t address : symbols.unwind(stack_of(record)))
      for (const CodeName& name : symbols.names(address)) text += name.text + "\n";
    return text;
  }

 private:
  bool all_wait() const {
    for (const int process : pids())
      for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process)))
        if (!stack_of_waiting(process, std::stoi(task.path().filename()))) return false;
    return true;
  }

  LiveHeap heap_{60, 3600};
  testing::TargetProgram program_;
  mutable std::map<int, Symbols> symbols_;
};

TEST(DescriptorCreation, NamesTheFunctionAndLineOfEveryCallThatMakesOne) {
  const Target target("one-of-each");
  EXPECT_THAT(target.made(), SizeIs(::testing::Ge(27U)));
  for (const Made& made : target.made()) {
    if (made.maker == "main") continue;
    EXPECT_THAT(target.maker_of(target.pid(), made.number), HasSubstr(made.maker + "  creation_target.cpp:"));
    EXPECT_THAT(target.maker_of(target.pid(), made.number), HasSubstr("main  creation_target.cpp:"));
  }
}

TEST(DescriptorCreation, IsUnknownOfWhatTheProgramWasGiven) {
  const Target target("one-of-each");
  EXPECT_EQ(target.maker_of(target.pid(), 0), "");
}

TEST(DescriptorCreation, IsThatOfTheLastOwnerOfANumber) {
  const Target target("reuse");
  const Made made = target.made().back();
  EXPECT_EQ(made.maker, "by_open");
  EXPECT_THAT(target.maker_of(target.pid(), made.number), StartsWith("by_open  "));
}

TEST(DescriptorCreation, IsUnknownRatherThanAnEarlierOwnersWhereThereAreTooManyToRecord) {
  const Target target("storm", 3000);
  const Made made = target.made().back();
  EXPECT_EQ(made.maker, "by_open");
  EXPECT_THAT(target.maker_of(target.pid(), made.number), Not(HasSubstr("open_and_close")));
}

TEST(DescriptorCreation, IsUnknownOfOneThatWasMadeUnseenUnderARecordedNumber) {
  const Target target("unseen");
  const Made made = target.made().back();
  EXPECT_EQ(made.maker, "nobody");
  EXPECT_EQ(target.maker_of(target.pid(), made.number), "");
}

TEST(DescriptorCreation, IsNotChangedByAVforksChild) {
  const Target target("vfork");
  const Made made = target.made().back();
  EXPECT_THAT(target.maker_of(target.pid(), made.number), StartsWith("by_open  "));
}

TEST(DescriptorCreation, IsRecordedOfAForksChildApartFromItsParent) {
  const Target target("fork", 0, 2);
  const std::vector<int> pids = target.pids();
  ASSERT_EQ(pids.size(), 2U);
  const std::vector<Made> made = target.made();  // 0, the parent's, the child's
  ASSERT_EQ(made.size(), 3U);
  EXPECT_THAT(target.maker_of(pids[0], made[1].number), StartsWith("by_open  "));
  EXPECT_THAT(target.maker_of(pids[1], made[1].number), IsEmpty());
  EXPECT_THAT(target.maker_of(pids[1], made[2].number), StartsWith("by_socket  "));
}

class ThreadCreation : public ::testing::TestWithParam<int> {};

TEST_P(ThreadCreation, IsRecordedOfEveryThreadThatLivesWhateverCameAndWentBefore) {
  const Target target("threads", GetParam());
  const auto creations = thread_creations(target.process(target.pid()));
  int threads = 0;
  for (const Made& made : target.made()) {
    if (made.maker == "main") continue;
    ++threads;
    const auto found = creations.find(made.number);
    ASSERT_NE(found, creations.end()) << made.number;
    EXPECT_THAT(target.text_of(target.pid(), found->second), StartsWith("make_thread  creation_target.cpp:"));
  }
  EXPECT_EQ(threads, 2);
}
INSTANTIATE_TEST_SUITE_P(Of, ThreadCreation, ::testing::Values(0, 1100));

std::vector<std::vector<std::string>> frames_of(const std::vector<EvidenceGroup>& groups) {
  std::vector<std::vector<std::string>> frames;
  for (const EvidenceGroup& group : groups) frames.push_back(group.frames);
  return frames;
}

TEST(ThreadGroups, SayWhereThreadsWaitAndWhoMadeThem) {
  const Target target("threads");
  SymbolsByPid symbols;
  const auto groups = thread_groups(target.pids(), target.heap(), symbols, 0, never_s);
  EXPECT_THAT(
      frames_of(groups),
      Contains(ElementsAre(StartsWith("2 × creation_target waiting in wait_for_work  creation_target.cpp:"),
                           AllOf(StartsWith("created by make_thread  creation_target.cpp:"),
                                 HasSubstr("<- main  creation_target.cpp:")),
                           AllOf(HasSubstr("wait_for_work  "), HasSubstr("<- work_in_thread  ")))));
}

TEST(ThreadGroups, AreWithoutMakersWhereThereIsNoAgent) {
  const Target target("threads");
  SymbolsByPid symbols;
  const auto groups = thread_groups(target.pids(), LiveHeap(60, 60), symbols, 0, never_s);
  EXPECT_THAT(frames_of(groups),
              Contains(ElementsAre(StartsWith("2 × creation_target waiting in wait_for_work  "),
                                   StartsWith("the whole wait: "))));
}

TEST(ThreadGroups, AreOfThreadsOfAnAge) {
  const Target target("threads", 400);  // makes one a second after the other
  std::vector<double> born_s;
  for (const auto& [tid, record] : thread_creations(target.process(target.pid())))
    if (std::filesystem::exists(fmt::format("/proc/{}/task/{}", target.pid(), tid)))
      born_s.push_back(1e-9 * static_cast<double>(record.born_ns));
  ASSERT_EQ(born_s.size(), 2U);
  const double now_s =
                   std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(),
               between_s = now_s - (born_s[0] + born_s[1]) / 2;
  SymbolsByPid symbols;
  EXPECT_THAT(frames_of(thread_groups(target.pids(), target.heap(), symbols, 0, between_s)),
              ElementsAre(Contains(StartsWith("1 × creation_target waiting in wait_for_work"))));
}

TEST(MappingGroups, SayWhoMappedWhatStays) {
  const LiveHeap none(60, 3600);
  const Target target("map", 40);
  SymbolsByPid symbols;
  const auto groups = mapping_groups(target.pids(), target.heap(), symbols, {}, 0, never_s);
  const auto mapped = std::find_if(groups.begin(), groups.end(),
                                   [](const EvidenceGroup& group) { return group.frames.size() > 1; });
  ASSERT_NE(mapped, groups.end());
  EXPECT_NEAR(mapped->number, 40 * (256 << 10), 1 << 20);
  EXPECT_THAT(mapped->frames,
              ElementsAre("40 × [anonymous] of 10.5 MB", HasSubstr("map_forever  creation_target.cpp:")));
  for (const EvidenceGroup& group : mapping_groups(target.pids(), none, symbols, {}, 0, never_s))
    EXPECT_THAT(group.frames, SizeIs(1));
}

TEST(DescriptorGroups, SayWhatDescriptorsAreOfAndWhoOpenedThem) {
  const Target target("one-of-each");
  SymbolsByPid symbols;
  const auto frames = frames_of(descriptor_groups(target.pids(), target.heap(), symbols, {}, 0));
  EXPECT_THAT(frames, Contains(ElementsAre("1 × eventpoll",
                                           AllOf(StartsWith("opened by by_epoll  creation_target.cpp:"),
                                                 HasSubstr("<- main  creation_target.cpp:")))));
  EXPECT_THAT(frames, Contains(ElementsAre("2 × socket", StartsWith("opened by by_accept  "))).Times(0));
  EXPECT_THAT(frames, Contains(ElementsAre("1 × /dev/null", StartsWith("opened by by_fopen  "))));
}

TEST(DescriptorGroups, AreOfDescriptorsThatWereNotThereBefore) {
  const Target target("one-of-each");
  SymbolsByPid symbols;
  Descriptors before = read_descriptors(target.pids());
  std::erase_if(before, [](const auto& one) { return one.second == "anon_inode:[timerfd]"; });
  for (auto& [which, target_of] : before)
    if (target_of == "anon_inode:[signalfd]") target_of = "socket:[1]";  // the number's former owner
  EXPECT_THAT(frames_of(descriptor_groups(target.pids(), target.heap(), symbols, before, 0)),
              UnorderedElementsAre(Contains("1 × timerfd"), Contains("1 × signalfd")));
}

TEST(DescriptorGroups, LeaveOutTheYoungUnlessThereAreNoOthers) {
  const Target target("one-of-each");
  SymbolsByPid symbols;
  const auto all = frames_of(descriptor_groups(target.pids(), target.heap(), symbols, {}, 0));
  const auto old = frames_of(descriptor_groups(target.pids(), target.heap(), symbols, {}, 3600));
  EXPECT_THAT(old, Each(SizeIs(1)));  // of standard input and the like nobody knows
  EXPECT_GT(all.size(), old.size());
}

}  // namespace
}  // namespace soakline
