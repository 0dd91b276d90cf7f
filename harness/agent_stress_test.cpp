// The agent beside programs that do with an allocator all that one may, and that die at any instant: what the
// harness reads is compared with the program's own books.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>

#include "harness/agent/block_header.hpp"
#include "harness/live_heap.hpp"
#include "harness/preloading.hpp"
#include "harness/process.hpp"
#include "harness/testing/processes.hpp"
#include "harness/testing/stress_books.hpp"
#include "harness/testing/temporary_folder.hpp"

namespace soakline {
namespace {

using std::chrono::steady_clock;

int number_from(const char* variable, int otherwise) {
  const char* const value = std::getenv(variable);
  return value != nullptr ? std::atoi(value) : otherwise;
}

struct Held {
  std::int64_t blocks = 0, bytes = 0;

  void add(const StressAccount& account) {
    blocks += account.blocks.load(std::memory_order_acquire);
    bytes += account.bytes.load(std::memory_order_acquire);
  }
  friend Held operator-(const Held& a, const Held& b) { return {a.blocks - b.blocks, a.bytes - b.bytes}; }
  friend bool operator==(const Held&, const Held&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Held& held) {
    return out << held.blocks << " blocks, " << held.bytes << " bytes";
  }
};

// What agent_stress says of itself at one moment.
struct Said {
  Held births_begun, births, deaths_begun, deaths;
};

class Books {
 public:
  explicit Books(const std::filesystem::path& file) {
    const OpenFile made = open_at(AT_FDCWD, file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC);
    EXPECT_TRUE(made.is_open() && fchmod(made.fd(), 0600) == 0);
    EXPECT_EQ(ftruncate(made.fd(), sizeof(StressBooks)), 0);
    books_ = static_cast<const StressBooks*>(
        mmap(nullptr, sizeof(StressBooks), PROT_READ, MAP_SHARED, made.fd(), 0));
  }
  ~Books() { munmap(const_cast<StressBooks*>(books_), sizeof(StressBooks)); }
  Books(const Books&) = delete;
  Books& operator=(const Books&) = delete;

  bool begun() const { return books_->code_to != 0; }
  bool are_of(const Site& site) const {
    return site.caller >= books_->code_from && site.caller < books_->code_to;
  }
  Said say() const {
    Said said;
    for (const StressWorker& worker : books_->workers) {
      said.births_begun.add(worker.births_begun);
      said.births.add(worker.births);
      said.deaths_begun.add(worker.deaths_begun);
      said.deaths.add(worker.deaths);
    }
    return said;
  }

 private:
  const StressBooks* books_;
};

Held of_site(const LiveProcess& process, std::uint32_t site) {
  Held sum;
  for (std::uint32_t epoch = 0; epoch < process.epochs(); ++epoch) {
    const LiveCell cell = process.cell(epoch, site);
    sum.blocks += cell.blocks;
    sum.bytes += cell.bytes;
  }
  return sum;
}

Held counted(const LiveProcess& process, const Books& books) {
  Held sum;
  for (std::uint32_t site = 0; site < process.sites(); ++site)
    if (books.are_of(process.site(site))) {
      const Held held = of_site(process, site);
      sum.blocks += held.blocks;
      sum.bytes += held.bytes;
    }
  return sum;
}

// Between what had been done before the look and what had been begun after it.
void expect_between(const Said& before, const Held& held, const Said& after) {
  const Held least = before.births - after.deaths_begun, most = after.births_begun - before.deaths;
  EXPECT_TRUE(held.blocks >= least.blocks && held.blocks <= most.blocks && held.bytes >= least.bytes &&
              held.bytes <= most.bytes)
      << held << " are not between " << least << " and " << most;
}

// Of a process that is dead: no site has fewer blocks than none, and all have sizes of its class.
void expect_possible(const LiveProcess& process) {
  for (std::uint32_t number = 0; number < process.sites(); ++number) {
    const Held held = of_site(process, number);
    const std::uint32_t size_class = process.site(number).size_class;
    const std::uint64_t least = size_class == 0 ? 0 : std::uint64_t{1} << (size_class - 1);
    const std::uint64_t most = size_class == 0 ? 0 : (std::uint64_t{1} << size_class) - 1;
    EXPECT_TRUE(held.blocks >= 0 && held.bytes >= held.blocks * static_cast<std::int64_t>(footprint(least)) &&
                held.bytes <= held.blocks * static_cast<std::int64_t>(footprint(most)))
        << held << " of sizes from " << least << " to " << most << " at site " << number;
  }
}

// Takes stacks of all sites, and looks at those of some.
void expect_whole_stacks(const LiveProcess& process, std::uint32_t most_sites) {
  for (std::uint32_t site = 0; site < process.sites() && most_sites > 0; ++site) {
    if (process.samples_taken(site) == 0) continue;
    --most_sites;
    for (const StackSample& stack : process.samples_of(site)) {
      EXPECT_LE(stack.bytes, sizeof stack.memory);
      EXPECT_GT(stack.bytes, 0U);
      EXPECT_NE(stack.stack_pointer, 0U);
    }
  }
}

void ask_for_stacks(LiveProcess& process) {
  for (std::uint32_t site = 1; site < process.sites(); ++site)
    if (process.sampled_one_of(site) == 0) process.sample(site, 20);
  process.allow_samples(100);
}

class AgentStress : public ::testing::Test {
 protected:
  void start(const std::string& program, int threads, double seconds) {
    folder_.emplace();
    books_.emplace(folder_->path() / "books");
    heap_.emplace(1.5, std::max(seconds, 1.0));
    Command command;
    command.arguments = {program_directory() / program, folder_->path() / "books", std::to_string(threads),
                         std::to_string(seconds)};
    // The address sanitizer insists on coming first, though it need not.
    command.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
    heap_->preload(command);
    agent_folder_ = command.environment.at("SOAKLINE_AGENT");
    output_.clear();
    process_.emplace(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
    began_ = steady_clock::now();
  }
  int pid() const { return process_->pid(); }
  bool holds() const { return output_.ends_with("held\n"); }

  // One sample of a soak: an epoch is a quarter of a second, or longer in a long run.
  void look() {
    const double now_s = std::chrono::duration<double>(steady_clock::now() - began_).count();
    heap_->at_sample(now_s);
    const Said before = books_->say();
    heap_->read(now_s, {pid()});
    const Said after = books_->say();
    if (heap_->processes().empty() || !books_->begun()) return;
    LiveProcess& process = heap_->process(pid());
    expect_between(before, counted(process, *books_), after);
    expect_whole_stacks(process, 3);
    ask_for_stacks(process);
  }
  // As it ends well: nothing is lost, nothing is held in the end.
  void expect_exact_books(double most_s) {
    const auto until =
        began_ + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(most_s));
    while (!holds() && process_->running() && steady_clock::now() < until) {
      look();
      loop_.run_until(steady_clock::now() + std::chrono::milliseconds(100));
    }
    ASSERT_TRUE(holds()) << output_;
    look();
    const Said said = books_->say();
    LiveProcess& process = heap_->process(pid());
    EXPECT_EQ(counted(process, *books_), said.births - said.deaths);
    EXPECT_GT((said.births - said.deaths).blocks, 1000);
    process_->stop(loop_, SIGTERM, 50);
    EXPECT_EQ(process_->ending(), "exit code 0") << output_;
    process.read(process.epochs() - 1);
    EXPECT_EQ(counted(process, *books_), Held{});
    expect_possible(process);
  }

  EventLoop loop_;
  std::optional<testing::TemporaryFolder> folder_;
  std::optional<Books> books_;
  std::optional<LiveHeap> heap_;
  std::filesystem::path agent_folder_;
  std::optional<Process> process_;
  std::string output_;
  steady_clock::time_point began_;
};

// For as many seconds as $SOAKLINE_STRESS_S says.
TEST_F(AgentStress, CountsExactlyWhatAProgramHoldsThatUsesEveryEntryInEveryWay) {
  const int seconds = number_from("SOAKLINE_STRESS_S", 4);
  start("agent_stress_undefined", 6, seconds);
  expect_exact_books(2 * seconds + 40);
}

TEST_F(AgentStress, CountsExactlyWhereThereAreMoreThreadsThanStripes) {
  start("agent_stress_undefined", 120, 1);
  expect_exact_books(50);
}

TEST_F(AgentStress, GivesNothingThatTheAddressSanitizerWouldMind) {
  start("agent_stress_address", 6, 1);
  expect_exact_books(50);
}

TEST(Preloading, IsRefusedWhereASanitizersAllocatorMustComeFirst) {
  Command command;
  command.arguments = {program_directory() / "agent_stress_address"};
  EXPECT_THAT(why_not_preloaded(command), ::testing::HasSubstr("built with a sanitizer"));
  command.arguments = {program_directory() / "agent_stress_undefined"};
  EXPECT_EQ(why_not_preloaded(command), "");
}

// As many times as $SOAKLINE_KILLS says. A file reads back consistent where
// - every site's blocks, over all epochs and stripes, are none or more, and their bytes are of its size
// class;
// - the program's blocks and bytes are those of its own books, but for the one call of each of its threads
//   that had begun and was not done;
// - the stacks said to be whole have memory and a stack pointer;
// or it says that it is torn: it is not opened, and the program had not yet begun.
TEST_F(AgentStress, KilledAtAnyInstantItsFileReadsBackConsistentOrIsNotOpened) {
  const int kills = number_from("SOAKLINE_KILLS", 8);
  std::mt19937 random(7);
  int whole = 0, torn = 0, within_a_call = 0;
  for (int i = 0; i < kills; ++i) {
    start("agent_stress_undefined", i % 4 < 2 ? 100 : 4, 1000);
    const auto until = began_ + std::chrono::microseconds(random() % (i % 2 == 0 ? 400'000 : 5'000));
    while (steady_clock::now() < until) {
      look();
      loop_.run_until(std::min(until, steady_clock::now() + std::chrono::milliseconds(60)));
    }
    kill(pid(), SIGKILL);
    process_->stop(loop_, SIGKILL, 0);
    const Said said = books_->say();
    // Its children's, too, wherever they were.
    for (const auto& entry : std::filesystem::directory_iterator(agent_folder_)) {
      const std::string name = entry.path().filename();
      if (name == "clock") continue;
      const bool is_own = name.starts_with(std::to_string(pid()) + ".");
      auto opened = LiveProcess::open(entry.path());
      const bool is_known = is_own && !heap_->processes().empty();
      if (!opened) {
        EXPECT_FALSE(is_own && books_->begun());
        ++torn;
        continue;
      }
      LiveProcess& process = is_known ? heap_->process(pid()) : *opened;
      process.read(is_known ? process.epochs() - 1 : 7);
      expect_possible(process);
      expect_whole_stacks(process, 10);
      if (!is_own || !books_->begun()) continue;
      const Held held = counted(process, *books_);
      expect_between(said, held, said);
      within_a_call += said.births_begun != said.births || said.deaths_begun != said.deaths;
      ++whole;
    }
    ASSERT_FALSE(HasFailure()) << "kill " << i;
  }
  fmt::print("{} kills: {} files whole, {} of them with a call under way; {} torn\n", kills, whole,
             within_a_call, torn);
  EXPECT_GE(whole, kills / 3);
}

}  // namespace
}  // namespace soakline
