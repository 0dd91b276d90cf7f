#include "harness/live_heap.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "harness/site_counts.hpp"
#include "harness/site_evidence.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/target_program.hpp"

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// agent_target in one of its modes, with the agent, until it holds what it says.
class Target : public testing::TargetProgram {
 public:
  Target(LiveHeap& heap, const std::string& mode, int n, std::size_t processes = 1)
      : TargetProgram(&heap, {"agent_target", mode, std::to_string(n)}, "\n", processes) {
    EXPECT_TRUE(running()) << output();
  }

  // What each process holds, as it says.
  std::vector<std::pair<long, long>> held() const {
    std::vector<std::pair<long, long>> result;
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line);) {
      std::pair<long, long> one;
      EXPECT_EQ(std::sscanf(line.c_str(), "held %ld %ld", &one.first, &one.second), 2) << line;
      result.push_back(one);
    }
    return result;
  }
};

// Blocks and bytes born in the program itself, not in the libraries that it uses.
std::pair<long, long> counted(const LiveProcess& process, int pid, std::uint32_t epochs) {
  std::uint64_t from = ~std::uint64_t{0}, to = 0;
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  for (std::string line; std::getline(maps, line);)
    if (line.ends_with("/agent_target")) {
      std::uint64_t start = 0, end = 0;
      std::sscanf(line.c_str(), "%lx-%lx", &start, &end);
      from = std::min(from, start);
      to = std::max(to, end);
    }
  std::pair<long, long> sum{0, 0};
  for (std::uint32_t site = 0; site < process.sites(); ++site) {
    const std::uint64_t caller = process.site(site).caller;
    if (caller < from || caller >= to) continue;
    for (std::uint32_t epoch = 0; epoch <= epochs; ++epoch) {
      const LiveCell cell = process.cell(epoch, site);
      sum.first += cell.blocks;
      sum.second += cell.bytes;
    }
  }
  return sum;
}

class CountedBlocks : public ::testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(CountedBlocks, AreThoseThatTheProgramHolds) {
  LiveHeap heap(60, 3600);
  const Target target(heap, GetParam().first, GetParam().second);
  ASSERT_TRUE(heap.read(0, target.pids()));
  EXPECT_EQ(counted(heap.processes().at(target.pid()), target.pid(), 0), target.held().front());
}
INSTANTIATE_TEST_SUITE_P(Of, CountedBlocks,
                         ::testing::Values(std::pair{"hold", 1000}, std::pair{"threads-in-turn", 400},
                                           std::pair{"exec", 1000}, std::pair{"commands", 1000},
                                           std::pair{"grow", 50}),
                         [](const auto& of) {
                           std::string name = fmt::format("{}_{}", of.param.first, of.param.second);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(LiveHeap, CountsAForksChildApartFromItsParent) {
  LiveHeap heap(60, 3600);
  const Target target(heap, "fork", 1000, 2);
  const std::vector<int> pids = target.pids();
  ASSERT_EQ(pids.size(), 2U);
  ASSERT_TRUE(heap.read(0, pids));
  std::vector<std::pair<long, long>> found;
  for (const int pid : pids) found.push_back(counted(heap.processes().at(pid), pid, 0));
  EXPECT_THAT(found, ElementsAre(std::pair(1000L, 112'000L), std::pair(250L, 52'000L)));
}

TEST(LiveHeap, TellsEpochsApartLongAfterTheirRowsWereUsedAgain) {
  LiveHeap heap(60, 3600);
  const Target target(heap, "hold", 1000);
  double now_s = 0;
  for (int epoch = 0; epoch < 30; ++epoch, now_s += 10) {
    heap.at_sample(now_s);
    ASSERT_TRUE(heap.read(now_s, target.pids()));
  }
  const LiveProcess& process = heap.processes().at(target.pid());
  EXPECT_EQ(counted(process, target.pid(), 0), std::pair(1000L, 112'000L));
  EXPECT_EQ(counted(process, target.pid(), 30), std::pair(1000L, 112'000L));
}

TEST(LiveHeap, BeginsNoShortEpochsAfterAGap) {
  LiveHeap heap(60, 3600);
  Command command;
  heap.preload(command);
  for (const double now_s : {0.0, 10.2, 20.1, 3000.0, 3001.0, 3002.0, 3006.0, 3012.0, 3016.0})
    heap.at_sample(now_s);
  std::vector<double> began;
  for (std::uint32_t epoch = 1; heap.began_s(epoch) < never_s; ++epoch) began.push_back(heap.began_s(epoch));
  EXPECT_THAT(began, ElementsAre(0, 10.2, 20.1, 3000, 3006, 3016));
}

TEST(LiveHeap, AgesWhatLivesForAsLongAsTheAge) {
  LiveHeap heap(60, 3600);
  const Target target(heap, "hold", 1000);
  heap.at_sample(0);
  EXPECT_EQ(heap.read(59, target.pids())->aged, 0);
  EXPECT_GE(heap.read(60, target.pids())->aged, 112'000);
  EXPECT_GE(heap.read(60, target.pids())->live, 112'000);
}

TEST(SiteEvidence, NamesTheCallWhoseBlocksSurviveAmongAThousandTimesAsManyThatDoNot) {
  LiveHeap heap(60, 3600);
  const Target target(heap, "leak", 0);
  SiteSampling sampling;
  const auto survivors = [&](double from_s, double to_s) {
    const auto sites = grown_sites(heap, from_s, to_s);
    return sites.empty() ? 0 : sites.front().kept.blocks;
  };
  double now_s = 0;
  for (int epoch = 0; epoch < 20; ++epoch, now_s += 10) {
    heap.at_sample(now_s);
    // Until this epoch has its share of blocks that stay.
    do ASSERT_TRUE(heap.read(now_s, target.pids()));
    while (survivors(now_s, never_s) < 200);
    sampling.follow(heap, 0, now_s);
  }
  std::vector<SiteDriftShare> sites;
  for (const SiteGrowth& grown : grown_sites(heap, 0, now_s - 10))
    sites.push_back({grown.pid, grown.site, static_cast<double>(grown.kept.bytes), 0});
  sites.resize(1);
  sites[0].share = 1;
  const auto evidence = site_evidence(heap, sites);
  ASSERT_FALSE(evidence.empty());
  EXPECT_GT(evidence[0].share, 0.9);
  EXPECT_EQ(evidence[0].survival, 1);
  ASSERT_GE(evidence[0].frames.size(), 2U);
  EXPECT_THAT(evidence[0].frames[0], HasSubstr("keep_forever  agent_target.cpp:"));
  EXPECT_THAT(evidence[0].frames[1], HasSubstr("leak  agent_target.cpp:"));
}

TEST(SiteCounts, TellOfEveryEpochOnceItIsOfAgeAndOfEveryChangeUntilTheProcessIsGone) {
  LiveHeap heap(60, 3600);
  SiteCounts counts(60);
  Recording recording;
  const auto blocks_told = [&] {
    std::map<std::pair<std::uint32_t, std::uint32_t>, double> last;
    for (const CohortCount& count : recording.cohorts)
      if (count.site > 0) last[{count.site, count.epoch}] = count.blocks;
    double sum = 0;
    for (const auto& [place, blocks] : last) sum += blocks;
    return sum;
  };
  {
    const Target target(heap, "hold", 1000);
    for (double now_s = 0; now_s < 200; now_s += 10) {
      heap.at_sample(now_s);
      ASSERT_TRUE(heap.read(now_s, target.pids()));
      counts.take(heap, now_s, recording);
      EXPECT_EQ(blocks_told() >= 1000, now_s >= 60);
    }
    EXPECT_EQ(recording.epochs.size(), 14U);  // up to the one that ended a minute ago
    EXPECT_EQ(counts.sites().size(), recording.site_block_bytes.size());
    ASSERT_GE(counts.sites().size(), 2U);
    EXPECT_EQ(counts.sites().at(1).pid, target.pid());
  }
  heap.read(210, {});
  counts.take(heap, 210, recording);
  EXPECT_EQ(blocks_told(), 0);
}

TEST(SiteCounts, AreReadBackAsTheyWereWritten) {
  Recording written;
  written.epochs = {{0.1234, 0.1234}, {0.1234, 10.5}};
  written.site_block_bytes = {0, 128};
  written.cohorts = {{60, 0, 0, 0, 0}, {60, 1, 0, 3, 240}, {71, 0, 1, 0, 0}, {71, 1, 0, 2, 160}};
  const auto file = std::filesystem::temp_directory_path() / fmt::format("cohorts-{}.csv", getpid());
  std::ofstream(file) << cohorts_header << cohort_lines(written, 0) << "72,1,128,0.12";  // torn
  Recording read;
  read_cohorts(file, read);
  std::filesystem::remove(file);
  EXPECT_EQ(cohort_lines(read, 0), cohort_lines(written, 0));
  EXPECT_EQ(read.epochs.size(), 2U);
  EXPECT_EQ(read.site_block_bytes, written.site_block_bytes);
}

TEST(SiteCounts, SayWhichLineCannotBe) {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("cohorts-bad-{}.csv", getpid());
  for (const char* line :
       {"60,1,128,0,10,3,240", "60,0,0,0,70,0,0", "60,-1,0,0,10,0,0", "60,9e9,0,0,10,0,0"}) {
    std::ofstream(file) << cohorts_header << line << "\n";
    Recording read;
    EXPECT_THROW(read_cohorts(file, read), ScenarioError) << line;
  }
  std::filesystem::remove(file);
}

TEST(LiveHeap, KeepsItsBooksOfAProcessThatIsOutOfTheListForAWhile) {
  LiveHeap heap(60, 3600);
  const Target target(heap, "hold", 1000);
  for (double now_s = 0; now_s < 200; now_s += 10) {
    heap.at_sample(now_s);
    const bool listed = now_s < 100 || now_s > 150;  // what was born first is in the books by then
    heap.read(now_s, listed ? target.pids() : std::vector<int>{});
    EXPECT_EQ(heap.processes().size(), listed ? 1U : 0U);
  }
  EXPECT_EQ(counted(heap.processes().at(target.pid()), target.pid(), 20), std::pair(1000L, 112'000L));
}

TEST(SiteSampling, TakesNoMoreStacksBetweenTwoLooksThanItMay) {
  LiveHeap heap(60, 3600);
  const Target target(heap, "leak", 0);
  SiteSampling sampling;
  heap.at_sample(0);
  std::uint32_t taken = 0;
  for (int look = 0; look < 50 || taken == 0; ++look) {
    do ASSERT_TRUE(heap.read(1, target.pids()));
    while (grown_sites(heap, 0, never_s).empty());
    sampling.follow(heap, 0, never_s);
    const LiveProcess& process = heap.processes().at(target.pid());
    taken = 0;
    for (std::uint32_t site = 0; site < process.sites(); ++site) taken += process.samples_taken(site);
    // A few threads may have asked while it was not used up.
    EXPECT_LE(taken, 201U * static_cast<std::uint32_t>(look + 1));
  }
  EXPECT_GT(taken, 0U);
}

TEST(LiveHeap, LeavesNothingBehind) {
  std::filesystem::path folder;
  {
    LiveHeap heap(60, 3600);
    Command command;
    heap.preload(command);
    folder = command.environment.at("SOAKLINE_AGENT");
    EXPECT_TRUE(std::filesystem::exists(folder));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

// A folder as a run leaves it whose number is no process here: it was killed, or lives in another container.
class FolderOfNoProcess {
 public:
  explicit FolderOfNoProcess(bool locked) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, nullptr, 0);
    path_ = fmt::format("/dev/shm/{}{}-test", agent_folder_prefix, child);
    std::filesystem::create_directory(path_);
    clock_ = open_at(AT_FDCWD, (path_ / "clock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC);
    if (locked) {
      EXPECT_EQ(flock(clock_.fd(), LOCK_EX | LOCK_NB), 0);
    }
  }
  ~FolderOfNoProcess() { std::filesystem::remove_all(path_); }
  FolderOfNoProcess(const FolderOfNoProcess&) = delete;
  FolderOfNoProcess& operator=(const FolderOfNoProcess&) = delete;
  bool is_there() const { return std::filesystem::exists(path_); }

 private:
  std::filesystem::path path_;
  OpenFile clock_;
};

TEST(LiveHeap, RemovesWhatTheDeadHaveLeftAndNothingThatIsInUseInAnotherContainer) {
  const FolderOfNoProcess left(false), in_use(true);
  LiveHeap heap(60, 3600);
  Command command;
  heap.preload(command);
  EXPECT_FALSE(left.is_there());
  EXPECT_TRUE(in_use.is_there());
}

TEST(LiveHeap, ForgetsAProgramOnceOneWithoutTheAgentHasReplacedIt) {
  LiveHeap heap(60, 3600);
  testing::TargetProgram program(&heap, {"agent_target", "exec-bare", "1000"}, "held 1000 112000\n");
  ASSERT_TRUE(heap.read(0, program.pids()));
  EXPECT_TRUE(heap.knows(program.pid()));
  kill(program.pid(), SIGUSR1);
  EXPECT_TRUE(testing::eventually([&] { return !heap.read(0, program.pids()); }));
  EXPECT_FALSE(heap.knows(program.pid()));
  EXPECT_TRUE(program.running());
}

TEST(LiveHeap, HasNothingOfAProgramWithoutTheAgent) {
  LiveHeap heap(60, 3600);
  Command command;
  heap.preload(command);
  EXPECT_FALSE(heap.read(0, {getpid()}));
  EXPECT_THAT(heap.processes(), IsEmpty());
}

}  // namespace
}  // namespace soakline
