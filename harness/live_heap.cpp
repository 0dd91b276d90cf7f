#include "harness/live_heap.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "harness/agent/live_counts.hpp"
#include "harness/injection.hpp"
#include "harness/process.hpp"
#include "harness/process_memory.hpp"
#include "harness/readiness.hpp"

namespace soakline {
namespace {

constexpr const char* shared_memory = "/dev/shm";
constexpr double epochs_an_age = 6;

std::size_t young_row(std::uint32_t epoch, std::uint32_t stripe) {
  return offsetof(LiveFile, young) +
         (std::size_t{epoch % striped_rows} * max_stripes + stripe) * sizeof(LiveFile::young[0][0]);
}

std::size_t old_row(std::uint32_t epoch) {
  return offsetof(LiveFile, old) + std::size_t{epoch} * sizeof(LiveFile::old[0]);
}

int number_in(std::string_view text) {
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Its run may have a number that means nothing here: one in another container, which shares the memory.
bool is_locked(const std::filesystem::path& clock) {
  const OpenFile file = open_at(AT_FDCWD, clock.c_str(), O_RDONLY | O_CLOEXEC);
  return file.is_open() && flock(file.fd(), LOCK_EX | LOCK_NB) != 0;
}

// What runs that were killed have left.
void remove_folders_of_the_dead() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(shared_memory, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(agent_folder_prefix)) continue;
    const int pid = number_in(std::string_view(name).substr(agent_folder_prefix.size()));
    std::error_code ignored;
    if (pid > 0 && kill(pid, 0) != 0 && errno == ESRCH && !is_locked(entry.path() / "clock"))
      std::filesystem::remove_all(entry.path(), ignored);
  }
}

}  // namespace

std::optional<LiveProcess> LiveProcess::open(const std::filesystem::path& file) {
  LiveProcess process(open_at(AT_FDCWD, file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  std::uint64_t magic = 0;
  if (!process.file_.is_open() || !process.read_at(offsetof(LiveFile, magic), &magic, 1) ||
      magic != live_file_magic)
    return std::nullopt;
  return process;
}

LiveProcess::LiveProcess(OpenFile file) : file_(std::move(file)) {
  struct stat status {};
  if (fstat(file_.fd(), &status) == 0) id_ = status.st_ino;
}

template <typename Value>
bool LiveProcess::read_at(std::size_t offset, Value* to, std::size_t count) const {
  const auto bytes = static_cast<ssize_t>(count * sizeof(Value));
  return pread(file_.fd(), to, static_cast<std::size_t>(bytes), static_cast<off_t>(offset)) == bytes;
}

void LiveProcess::add_row(std::size_t offset, std::vector<std::int64_t>& row) {
  buffer_.resize(sites_);
  if (!read_at(offset, buffer_.data(), buffer_.size())) return;
  std::transform(row.begin(), row.end(), buffer_.begin(), row.begin(), std::plus<>());
}

// The file's holes read as zeros: what no thread has touched costs neither it nor us any memory.
void LiveProcess::read(std::uint32_t now) {
  read_at(offsetof(LiveFile, sites_used), &sites_, 1);
  read_at(offsetof(LiveFile, stripes_used), &stripes_, 1);
  sites_ = std::min(sites_, max_sites);
  folded_.resize(now + 1);
  live_.resize(now + 1);
  for (std::uint32_t epoch = 0; epoch <= now; ++epoch) {
    auto& row = live_[epoch] = folded_[epoch];
    row.resize(sites_);
    if (now - epoch < striped_rows)
      for (std::uint64_t left = stripes_; left != 0; left &= left - 1)
        add_row(young_row(epoch, static_cast<std::uint32_t>(std::countr_zero(left))), row);
    if (now - epoch >= striped_epochs) add_row(old_row(epoch), row);
  }
}

void LiveProcess::fold(std::uint32_t epoch) {
  read_at(offsetof(LiveFile, sites_used), &sites_, 1);
  read_at(offsetof(LiveFile, stripes_used), &stripes_, 1);
  sites_ = std::min(sites_, max_sites);
  if (folded_.size() <= epoch) folded_.resize(epoch + 1);
  auto& row = folded_[epoch];
  row.resize(sites_);
  for (std::uint64_t left = stripes_; left != 0; left &= left - 1)
    add_row(young_row(epoch, static_cast<std::uint32_t>(std::countr_zero(left))), row);
  fallocate(file_.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(young_row(epoch, 0)),
            sizeof(LiveFile::young[0]));
}

Site LiveProcess::site(std::uint32_t number) const {
  Site site{};
  read_at(offsetof(LiveFile, sites) + number * sizeof(Site), &site, 1);
  return site;
}

LiveCell LiveProcess::cell(std::uint32_t epoch, std::uint32_t site) const {
  const std::int64_t value = live_[epoch][site];
  return {blocks_in(value), bytes_in(value)};
}

std::int64_t LiveProcess::bytes(std::uint32_t epoch) const {
  std::int64_t sum = 0;
  for (const std::int64_t value : live_[epoch]) sum += bytes_in(value);
  return sum;
}

std::uint64_t LiveProcess::mapped_at() const {
  std::uint64_t address = 0;
  read_at(offsetof(LiveFile, mapped_at), &address, 1);
  return address;
}

bool LiveProcess::is_mapped_by(int pid) const {
  constexpr std::size_t bytes = offsetof(LiveFile, stripes_taken);  // with number and place of the process
  std::array<char, bytes> there{}, here{};
  const iovec local{there.data(), bytes}, remote = remote_span(mapped_at(), bytes);
  const ssize_t copied = process_vm_readv(pid, &local, 1, &remote, 1, 0);
  if (copied < 0) return errno != EFAULT;
  return read_at(0, here.data(), bytes) && there == here;
}

std::uint32_t LiveProcess::generation() const {
  std::uint32_t generation = 0;
  read_at(offsetof(LiveFile, generation), &generation, 1);
  return generation & 31;
}

// Where it fails the target goes on as it did: fewer stacks, or more.
template <typename Value>
void LiveProcess::write_at(std::size_t offset, Value value) {
  [[maybe_unused]] const ssize_t written =
      pwrite(file_.fd(), &value, sizeof value, static_cast<off_t>(offset));
}

void LiveProcess::allow_samples(std::int32_t number) {
  write_at(offsetof(LiveFile, samples_allowed), number);
}

void LiveProcess::sample(std::uint32_t site, std::uint32_t one_of) {
  write_at(offsetof(LiveFile, sample_one_of) + site * sizeof one_of, one_of);
}

std::uint32_t LiveProcess::sampled_one_of(std::uint32_t site) const {
  std::uint32_t one_of = 0;
  read_at(offsetof(LiveFile, sample_one_of) + site * sizeof one_of, &one_of, 1);
  return one_of;
}

std::uint32_t LiveProcess::samples_taken(std::uint32_t site) const {
  std::uint32_t taken = 0;
  read_at(offsetof(LiveFile, sampled) + site * sizeof taken, &taken, 1);
  return taken;
}

std::vector<StackSample> LiveProcess::samples_of(std::uint32_t site) const {
  std::vector<StackSample> found;
  std::array<std::uint64_t, max_samples / 64> whole{};
  read_at(offsetof(LiveFile, samples_whole), whole.data(), whole.size());
  for (std::uint32_t number = 0; number < max_samples; ++number) {
    if ((whole[number / 64] >> number % 64 & 1) == 0) continue;
    StackSample sample;
    if (read_at(offsetof(LiveFile, samples) + number * sizeof sample, &sample, 1) && sample.site == site)
      found.push_back(sample);
  }
  return found;
}

double LiveProcess::own_bytes() const {
  struct stat status {};
  return fstat(file_.fd(), &status) == 0 ? 512.0 * static_cast<double>(status.st_blocks) : 0;
}

LiveHeap::LiveHeap(double age_s, double time_s)
    : age_s_(age_s), epoch_s_(std::max(age_s / epochs_an_age, time_s / (max_epochs - 8))) {}

void LiveHeap::make_folder() {
  remove_folders_of_the_dead();
  std::string folder = fmt::format("{}/{}{}-XXXXXX", shared_memory, agent_folder_prefix, getpid());
  if (mkdtemp(folder.data()) == nullptr) {
    unusable_ = fmt::format("no folder for the agent in {}: {}", shared_memory, std::strerror(errno));
    return;
  }
  folder_ = folder;
  clock_file_ = open_at(AT_FDCWD, (folder_ / "clock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC);
  const int clock = clock_file_.fd();
  void* mapped = MAP_FAILED;
  if (clock_file_.is_open() && flock(clock, LOCK_EX | LOCK_NB) == 0 && fchmod(clock, 0644) == 0 &&
      ftruncate(clock, sizeof(LiveClock)) == 0)
    mapped = mmap(nullptr, sizeof(LiveClock), PROT_READ | PROT_WRITE, MAP_SHARED, clock, 0);
  if (mapped == MAP_FAILED)
    unusable_ = fmt::format("no clock for the agent in {}: {}", shared_memory, std::strerror(errno));
  else
    clock_ = static_cast<LiveClock*>(mapped);
}

LiveHeap::~LiveHeap() {
  if (clock_ != nullptr) munmap(clock_, sizeof(LiveClock));
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

// Where the loader finds the agent: spaces and colons would end its name.
std::string LiveHeap::agent_library() const {
  const std::filesystem::path library = program_directory() / "libsoakline_agent.so";
  if (library.native().find_first_of(" :") == std::string::npos) return library;
  std::error_code ignored;
  std::filesystem::create_symlink(library, folder_ / "agent", ignored);
  return folder_ / "agent";
}

// The guard puts it into LD_PRELOAD, before what the command or its caller has there.
void LiveHeap::preload(Command& command) {
  make_folder();
  if (clock_ == nullptr) return;
  const auto with_given = [&](const std::string& value, const char* name) {
    const auto own = command.environment.find(name);
    const char* const inherited = std::getenv(name);
    if (own != command.environment.end()) return value + ":" + own->second;
    return inherited == nullptr ? value : value + ":" + inherited;
  };
  command.environment[preload_variable] = with_given(agent_library(), "LD_PRELOAD");
  // A script may start a program that was built with a sanitizer, which else refuses to be second.
  command.environment["ASAN_OPTIONS"] = with_given("verify_asan_link_order=0", "ASAN_OPTIONS");
  command.environment[agent_variable] = folder_;
}

double LiveHeap::inject(int pid) {
  make_folder();
  if (clock_ == nullptr) throw RunError("--inject: " + unusable_);
  injected_ = true;
  return inject_agent(pid, folder_);
}

void LiveHeap::at_sample(double time_s) {
  if (clock_ == nullptr || began_s_.size() + 1 == max_epochs) return;
  if (time_s < epoch_due_s_) return;
  begin_epoch(time_s);
  // At even times, so that a late sample makes no later ones late; after a gap none is very short.
  epoch_due_s_ = std::max(epoch_due_s_ + epoch_s_, time_s + epoch_s_ / 2);
}

// The row that the new epoch's births go to was that of an epoch eight before.
void LiveHeap::begin_epoch(double time_s) {
  const std::uint32_t next = clock_->epoch.load() + 1;
  constexpr std::uint32_t folded_after = striped_rows - 1;
  if (next >= folded_after)
    for (auto* group : {&processes_, &absent_})
      for (auto& [pid, process] : *group) process.fold(next - folded_after);
  began_s_.push_back(time_s);
  clock_->epoch.store(next);
}

std::optional<LiveBytesRead> LiveHeap::read(double time_s, const std::vector<int>& pids) {
  if (clock_ == nullptr) return std::nullopt;
  find_files(pids);
  if (processes_.empty()) return std::nullopt;
  const std::uint32_t now = clock_->epoch.load();
  LiveBytesRead sum;
  for (auto& [pid, process] : processes_) {
    process.read(now);
    for (std::uint32_t epoch = 0; epoch <= now; ++epoch) {
      const auto bytes = static_cast<double>(process.bytes(epoch));
      sum.live += bytes;
      sum.aged += bytes * aged_share(epoch, time_s);
    }
  }
  return sum;
}

double LiveHeap::began_s(std::uint32_t epoch) const {
  return epoch == 0 ? -never_s : epoch <= began_s_.size() ? began_s_[epoch - 1] : never_s;
}

double LiveHeap::aged_share(std::uint32_t epoch, double time_s) const {
  const double from_s = epoch == 0 ? 0 : began_s(epoch);
  const double to_s = epoch < began_s_.size() ? began_s(epoch + 1) : time_s;
  const double aged_before_s = time_s - age_s_;
  if (aged_before_s >= to_s) return 1;
  return aged_before_s <= from_s ? 0 : (aged_before_s - from_s) / (to_s - from_s);
}

// "PID.N": of one process the last, since a program that is replaced by another leaves its file.
void LiveHeap::find_files(const std::vector<int>& pids) {
  std::map<int, int> latest;
  std::vector<std::pair<int, int>> outdated;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename();
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) continue;
    const int pid = number_in(name), number = number_in(std::string_view(name).substr(dot + 1));
    if (std::find(pids.begin(), pids.end(), pid) == pids.end()) {
      // It may have been born since the list was made.
      if (kill(pid, 0) != 0 && errno == ESRCH) outdated.emplace_back(pid, number);
      continue;
    }
    const auto [known, is_first] = latest.emplace(pid, number);
    if (is_first) continue;
    outdated.emplace_back(pid, std::min(known->second, number));
    known->second = std::max(known->second, number);
  }
  const auto file_of = [&](int pid, int number) { return folder_ / fmt::format("{}.{}", pid, number); };
  std::error_code ignored;
  for (const auto& [pid, number] : outdated) std::filesystem::remove(file_of(pid, number), ignored);
  for (auto& [pid, process] : std::exchange(processes_, {})) absent_.emplace(pid, std::move(process));
  for (const auto& [pid, number] : latest) {
    std::optional<LiveProcess> process;
    if (auto known = absent_.extract(pid); known && numbers_[pid] == number)
      process = std::move(known.mapped());
    else
      process = LiveProcess::open(file_of(pid, number));
    if (!process) continue;
    if (!process->is_mapped_by(pid)) {
      std::filesystem::remove(file_of(pid, number), ignored);
      continue;
    }
    processes_.emplace(pid, std::move(*process));
    numbers_[pid] = number;
  }
  std::erase_if(absent_, [](const auto& process) { return kill(process.first, 0) != 0 && errno == ESRCH; });
}

double LiveHeap::own_bytes() const {
  double bytes = 0;
  for (const auto& [pid, process] : processes_) bytes += process.own_bytes();
  return bytes;
}

}  // namespace soakline
