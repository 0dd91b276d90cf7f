#include "harness/inventory/node_process.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "harness/inventory/heap_snapshot.hpp"
#include "harness/proc_files.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* options_variable = "NODE_OPTIONS";
// Measured: 156 MB became 1.38 GB, which malloc keeps, so that another snapshot finds room in it.
constexpr double snapshot_takes = 10;
constexpr std::uintmax_t most_read = 1 << 30, most_kept = 64 << 20, most_report = 64 << 20;
constexpr auto step = std::chrono::milliseconds(10);

std::string proc(int pid, const char* file) {
  return fmt::format("/proc/{}/{}", pid, file);
}

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// The rest of the line of /proc/PID/status.
std::string status_of(int pid, std::string_view name) {
  std::ifstream input(proc(pid, "status"));
  for (std::string line; std::getline(input, line);)
    if (line.starts_with(name)) return line.substr(name.size());
  return "";
}

bool listens_to(int pid, int signal) {
  const std::uint64_t caught = std::strtoull(status_of(pid, "SigCgt:").c_str(), nullptr, 16);
  return signal > 0 && (caught >> (signal - 1) & 1) != 0;
}

int signal_named(std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int number = 1; number < 32; ++number)
    if (const char* known = sigabbrev_np(number); known != nullptr && name == known) return number;
  return 0;
}

std::vector<std::string> words_of(const std::string& options) {
  std::istringstream input(options);
  std::vector<std::string> words;
  for (std::string word; input >> word;) words.push_back(word);
  return words;
}

// "--name=value" or "--name value".
std::optional<std::string> option(const std::vector<std::string>& words, const std::string& name) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with(name + "=")) return words[i].substr(name.size() + 1);
    if (words[i] == name) return i + 1 < words.size() ? words[i + 1] : "";
  }
  return std::nullopt;
}

std::string environment_of(int pid, const std::string& variable) {
  std::istringstream entries(text_of(proc(pid, "environ")));
  for (std::string entry; std::getline(entries, entry, '\0');)
    if (entry.starts_with(variable + "=")) return entry.substr(variable.size() + 1);
  return "";
}

// Where it puts its files.
fs::path folder_of(int pid) {
  for (const auto& words : {command_line_of(pid), words_of(environment_of(pid, options_variable))})
    if (const auto chosen = option(words, "--diagnostic-dir"))
      return fs::path(*chosen).is_absolute() ? fs::path(proc(pid, "root") + *chosen)
                                             : fs::path(proc(pid, "cwd")) / *chosen;
  return proc(pid, "cwd");
}

// A program that cannot write its snapshot dies of the exception.
bool may_write(int pid, const fs::path& folder) {
  struct statvfs system {};
  struct stat status {};
  if (statvfs(folder.c_str(), &system) != 0 || (system.f_flag & ST_RDONLY) != 0 ||
      stat(folder.c_str(), &status) != 0)
    return false;
  unsigned user = 0, group = 0, effective_user = 0, effective_group = 0;
  std::istringstream(status_of(pid, "Uid:")) >> user >> effective_user;
  std::istringstream(status_of(pid, "Gid:")) >> group >> effective_group;
  if (effective_user == 0) return true;
  const mode_t bits = status.st_uid == effective_user    ? S_IWUSR | S_IXUSR
                      : status.st_gid == effective_group ? S_IWGRP | S_IXGRP
                                                         : S_IWOTH | S_IXOTH;
  return (status.st_mode & bits) == bits;
}

// Its number as it sees it, which stands in the names of its files.
std::string own_pid(int pid) {
  const auto numbers = words_of(status_of(pid, "NSpid:"));
  return numbers.empty() ? std::to_string(pid) : numbers.back();
}

std::set<fs::path> files_like(const fs::path& folder, std::string_view prefix, std::string_view middle,
                              std::string_view suffix) {
  std::set<fs::path> files;
  std::error_code gone;
  for (fs::directory_iterator entry(folder, gone), end; !gone && entry != end; entry.increment(gone)) {
    const std::string name = entry->path().filename();
    std::error_code vanished;
    // No link to a file that is not the program's to give away, and no pipe that would be waited for.
    if (name.starts_with(prefix) && name.ends_with(suffix) && name.find(middle) != std::string::npos &&
        entry->symlink_status(vanished).type() == fs::file_type::regular)
      files.insert(entry->path());
  }
  return files;
}

bool has_open(int pid, const fs::path& file) {
  std::error_code gone;
  for (fs::directory_iterator entry(proc(pid, "fd"), gone), end; !gone && entry != end;
       entry.increment(gone)) {
    std::error_code closed;
    if (fs::read_symlink(entry->path(), closed).filename() == file.filename()) return true;
  }
  return false;
}

struct Waiting {
  Clock::time_point deadline;
  const std::stop_token& stop;
};

// The file that a process writes when signalled, once it has closed it; "" if none came in time.
fs::path written_at(int signal, int pid, const char* prefix, const char* suffix, const Waiting& waiting) {
  const fs::path folder = folder_of(pid);
  const std::string middle = "." + own_pid(pid) + ".";
  const auto before = files_like(folder, prefix, middle, suffix);
  if (kill(pid, signal) != 0) return {};
  while (Clock::now() < waiting.deadline && !waiting.stop.stop_requested()) {
    for (const fs::path& file : files_like(folder, prefix, middle, suffix)) {
      std::error_code gone;
      // Node keeps a JSON file open until it is whole.
      if (!before.contains(file) && fs::file_size(file, gone) > 0 && !gone && !has_open(pid, file))
        return file;
    }
    std::this_thread::sleep_for(step);
  }
  // What it has begun is gone once it closes it.
  std::error_code gone;
  for (const fs::path& file : files_like(folder, prefix, middle, suffix))
    if (!before.contains(file)) fs::remove(file, gone);
  return {};
}

void keep(const fs::path& file, const fs::path& as) {
  std::error_code error;
  if (fs::file_size(file, error) <= most_kept && !error) {
    fs::rename(file, as, error);
    if (error) fs::copy_file(file, as, fs::copy_options::overwrite_existing, error);  // another file system
    fs::permissions(as, fs::perms::owner_read | fs::perms::owner_write,
                    error);  // it holds the program's data
  }
  fs::remove(file, error);
}

std::string why_not(int pid, const NodeSignals& signals, bool again) {
  if (signals.snapshot == 0)
    return fmt::format(
        "process {} does not write snapshots; start it with NODE_OPTIONS=--heapsnapshot-signal=SIGUSR2", pid);
  if (!may_write(pid, folder_of(pid)))
    return fmt::format("process {} may not write in its working directory, where its snapshot would go", pid);
  const double needs = kilobytes_of(text_of(proc(pid, "status")), "VmRSS:") * (again ? 1 : snapshot_takes);
  const double available = kilobytes_of(text_of("/proc/meminfo"), "MemAvailable:");
  if (needs > available)
    return fmt::format("a snapshot of process {} may take {} of memory, and {} is available", pid,
                       format_bytes(needs), format_bytes(available));
  return "";
}

}  // namespace

void let_node_answer(Command& command) {
  std::string inherited;
  if (const char* const options = std::getenv(options_variable))
    for (const char c : std::string_view(options)) inherited += std::string(c == '{' ? 2 : 1, c);
  std::string& options = command.environment.try_emplace(options_variable, inherited).first->second;
  const NodeSignals asked = asked_signals(command.arguments, options);
  const auto append = [&](const char* more) { options += (options.empty() ? "" : " ") + std::string(more); };
  if (asked.snapshot == 0) append("--heapsnapshot-signal=SIGURG");
  if (asked.report == 0) append("--report-on-signal --report-signal=SIGWINCH");
}

NodeSignals asked_signals(const std::vector<std::string>& arguments, const std::string& options) {
  NodeSignals signals;
  const auto more = words_of(options);
  for (const auto& words : {arguments, more}) {
    const auto snapshot = option(words, "--heapsnapshot-signal");
    if (snapshot && signals.snapshot == 0) signals.snapshot = signal_named(*snapshot);
    if (option(words, "--report-on-signal") && signals.report == 0)
      signals.report = signal_named(option(words, "--report-signal").value_or("SIGUSR2"));
  }
  return signals;
}

NodeSignals node_signals(int pid) {
  NodeSignals signals = asked_signals(command_line_of(pid), environment_of(pid, options_variable));
  if (!listens_to(pid, signals.snapshot)) signals.snapshot = 0;
  // One signal for both would have it write the snapshot twice.
  if (!listens_to(pid, signals.report) || signals.report == signals.snapshot) signals.report = 0;
  return signals;
}

NodeAnswer ask_node(int pid, bool again, const fs::path& keep_as, double within_s,
                    const std::stop_token& stop) {
  NodeAnswer answer;
  const NodeSignals signals = node_signals(pid);
  answer.problem = why_not(pid, signals, again);
  if (!answer.problem.empty()) return answer;
  const Waiting waiting{
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(within_s)),
      stop};
  const fs::path snapshot = written_at(signals.snapshot, pid, "Heap.", ".heapsnapshot", waiting);
  if (snapshot.empty()) {
    answer.problem =
        fmt::format("process {} has written no snapshot within {}; give it more by within = \"...\"", pid,
                    format_duration(within_s));
    return answer;
  }
  std::error_code error;
  if (fs::file_size(snapshot, error) <= most_read && !error) {
    std::ifstream input(snapshot);
    if (auto classes = inventory_of_snapshot(input, stop)) answer.inventories.push_back(std::move(*classes));
  }
  if (answer.inventories.empty())
    answer.problem = fmt::format("the snapshot of process {} cannot be read, or is larger than {}", pid,
                                 format_bytes(static_cast<double>(most_read)));
  keep(snapshot, keep_as);
  if (signals.report == 0 || !answer.problem.empty()) return answer;
  const fs::path report = written_at(signals.report, pid, "report.", ".json", waiting);
  if (report.empty()) return answer;
  if (fs::file_size(report, error) <= most_report && !error) {
    std::ifstream input(report);
    if (auto spaces = inventory_of_report(input)) answer.inventories.push_back(std::move(*spaces));
  }
  fs::remove(report, error);  // it holds the target's environment
  return answer;
}

}  // namespace soakline
