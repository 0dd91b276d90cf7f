// What lives on a target's heap, exactly, by where and when it was born: read from the files that the agent
// keeps for each of its processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/agent/live_file.hpp"
#include "harness/judge/recording.hpp"
#include "harness/proc_files.hpp"
#include "harness/scenario.hpp"

namespace soakline {

// What the names of the agents' folders begin with, in shared memory.
inline constexpr std::string_view agent_folder_prefix = "soakline-agent-";

// Of all processes together; bytes are what the blocks take of glibc's heap without the agent's headers.
struct LiveBytesRead {
  double live = 0;
  double aged = 0;  // born longer ago than the age
};

struct LiveCell {
  std::int64_t blocks = 0, bytes = 0;
};

// One process's file.
class LiveProcess {
 public:
  // Nothing where the file is not whole, or of another make.
  static std::optional<LiveProcess> open(const std::filesystem::path& file);

  // Takes over what was counted by stripe for an epoch, whose row is used again for a later one.
  void fold(std::uint32_t epoch);
  // What lives now of every site, by epoch up to `now`.
  void read(std::uint32_t now);

  // Of its file: no other has it in this run.
  std::uint64_t id() const { return id_; }
  std::uint32_t sites() const { return sites_; }
  Site site(std::uint32_t number) const;
  LiveCell cell(std::uint32_t epoch, std::uint32_t site) const;
  std::int64_t bytes(std::uint32_t epoch) const;
  std::uint32_t epochs() const { return static_cast<std::uint32_t>(live_.size()); }

  // How many stacks may be taken from now on, of all sites together.
  void allow_samples(std::int32_t number);
  // Stacks of the site's births: of one birth in so many from now on; 0: of none.
  void sample(std::uint32_t site, std::uint32_t one_of);
  std::uint32_t sampled_one_of(std::uint32_t site) const;
  std::uint32_t samples_taken(std::uint32_t site) const;          // ever
  std::vector<StackSample> samples_of(std::uint32_t site) const;  // of blocks that live

  // Whether the process has it mapped, or may not be asked: a program that replaced another by exec has not.
  bool is_mapped_by(int pid) const;
  // Where it has.
  std::uint64_t mapped_at() const;
  // What the headers of the process's own blocks hold, not those of a fork's parent.
  std::uint32_t generation() const;
  // The agent's LiveFile.
  const OpenFile& file() const { return file_; }

  // Memory that the file itself takes, which the kernel counts as the target's.
  double own_bytes() const;

 private:
  explicit LiveProcess(OpenFile file);
  template <typename Value>
  bool read_at(std::size_t offset, Value* to, std::size_t count) const;
  template <typename Value>
  void write_at(std::size_t offset, Value value);
  void add_row(std::size_t offset, std::vector<std::int64_t>& row);

  OpenFile file_;
  std::uint64_t id_ = 0;
  std::uint32_t sites_ = 0;
  std::uint64_t stripes_ = 0;
  std::vector<std::vector<std::int64_t>> folded_, live_;  // by epoch, then site
  std::vector<std::int64_t> buffer_;
};

class LiveHeap {
 public:
  // For a run of `time_s`; makes nothing before preload(). Its epochs are a sixth of the age, or longer where
  // there would be too many.
  LiveHeap(double age_s, double time_s);
  ~LiveHeap();
  LiveHeap(const LiveHeap&) = delete;
  LiveHeap& operator=(const LiveHeap&) = delete;

  // Gives a command what it needs so that it, and all that it starts, is counted; else unusable() says why
  // not.
  void preload(Command& command);
  // The same of a process that runs already, for what is born from then on. Seconds that it stood still;
  // RunError where that cannot be done.
  double inject(int pid);

  // At every sample: the epoch goes on if it is time.
  void at_sample(double time_s);
  // Reads all that lives in these processes; nothing where none has an agent. Files of the dead are removed.
  std::optional<LiveBytesRead> read(double time_s, const std::vector<int>& pids);
  // Of the files themselves.
  double own_bytes() const;

  LiveProcess& process(int pid) { return processes_.at(pid); }
  // As last read, by pid.
  const std::map<int, LiveProcess>& processes() const { return processes_; }
  // When the epoch began, in seconds of the soak; the first one began before all, the next one has not yet.
  double began_s(std::uint32_t epoch) const;
  double epoch_s() const { return epoch_s_; }
  // Whether its books are kept, if only because it will be back in the list.
  bool knows(int pid) const { return processes_.contains(pid) || absent_.contains(pid); }
  bool preloaded() const { return clock_ != nullptr; }
  // Whether blocks can be told in a copy of the memory: an injected agent's have what is counted at their
  // end.
  bool has_headers() const { return !injected_; }
  // Why no agent can be loaded, "" if it can.
  const std::string& unusable() const { return unusable_; }

 private:
  void make_folder();
  std::string agent_library() const;
  void begin_epoch(double time_s);
  void find_files(const std::vector<int>& pids);
  // How much of what was born in the epoch is older than the age, as if born evenly.
  double aged_share(std::uint32_t epoch, double time_s) const;

  double age_s_, epoch_s_, epoch_due_s_ = 0;
  std::filesystem::path folder_;
  OpenFile clock_file_ = {};  // locked: others see that the folder is in use
  LiveClock* clock_ = nullptr;
  std::vector<double> began_s_;  // of each epoch but the first
  std::map<int, LiveProcess> processes_;
  // Alive, but not in the last list, as while it gets another parent: its books are kept. Or a zombie.
  std::map<int, LiveProcess> absent_;
  std::map<int, int> numbers_;  // of the file that each process is read from
  std::string unusable_;
  bool injected_ = false;
};

}  // namespace soakline
