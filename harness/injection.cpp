#include "harness/injection.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <boost/process/search_path.hpp>

#include "harness/injectable.hpp"
#include "harness/proc_files.hpp"
#include "harness/process.hpp"
#include "harness/process_memory.hpp"
#include "harness/readiness.hpp"

namespace soakline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(10);          // until a thread is where it may be used
constexpr auto longest_call = std::chrono::seconds(20);      // beyond that
constexpr auto longest_farewell = std::chrono::seconds(10);  // after gdb was asked to call it off
constexpr std::size_t most_output = 64 << 10;

// Where the process has a library whose file's name begins so, and the file; 0 without it.
struct LoadedLibrary {
  std::uint64_t base = 0;
  std::string file;
};

LoadedLibrary library_of(int pid, std::string_view beginning) {
  MappingList mappings;
  LoadedLibrary found;
  if (mappings.read(pid) != 0) return found;
  mappings.for_each([&](const Mapping& mapping) {
    const std::string_view name = mapping.name.substr(mapping.name.rfind('/') + 1);
    if (found.base == 0 && mapping.name.starts_with('/') && name.starts_with(beginning))
      found = {mapping.start, std::string(mapping.name)};
  });
  return found;
}

// From the library's beginning; 0 where it does not define it.
std::uint64_t function_in(const std::filesystem::path& library, std::string_view function) {
  elf_version(EV_CURRENT);
  const OpenFile file = open_at(AT_FDCWD, library.c_str(), O_RDONLY | O_CLOEXEC);
  const std::unique_ptr<Elf, decltype(&elf_end)> elf(
      file.is_open() ? elf_begin(file.fd(), ELF_C_READ, nullptr) : nullptr, elf_end);
  for (Elf_Scn* section = nullptr; elf && (section = elf_nextscn(elf.get(), section)) != nullptr;) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM || header.sh_entsize == 0) continue;
    Elf_Data* const data = elf_getdata(section, nullptr);
    for (std::size_t i = 0; data != nullptr && i < header.sh_size / header.sh_entsize; ++i) {
      GElf_Sym symbol;
      if (!gelf_getsym(data, static_cast<int>(i), &symbol) || symbol.st_shndx == SHN_UNDEF) continue;
      const char* const name = elf_strptr(elf.get(), header.sh_link, symbol.st_name);
      if (name != nullptr && name == function) return symbol.st_value;
    }
  }
  return 0;
}

// In the process. dlopen stands in libc since glibc 2.34.
std::uint64_t libc_function(int pid, const char* function) {
  for (const char* beginning : {"libc.so", "libc-2", "libdl.so", "libdl-2"}) {
    const LoadedLibrary library = library_of(pid, beginning);
    if (library.base == 0) continue;
    const auto offset = function_in(fmt::format("/proc/{}/root{}", pid, library.file), function);
    if (offset != 0) return library.base + offset;
  }
  throw RunError(
      fmt::format("--inject: no {} found in process {}; was its libc replaced by an update?", function, pid));
}

// gdb, apart from our terminal: to interrupt it in the middle would be to interrupt the process.
class Debugger {
 public:
  Debugger(const std::string& program, const std::map<std::string, std::string>& settings) {
    std::vector<std::string> arguments = {program, "-nx", "-batch"};
    // Without the process's own symbols, which are not needed and take seconds.
    for (const char* setting : {"set sysroot /nowhere", "set debuginfod enabled off", "set auto-load off",
                                "set pagination off", "set confirm off"})
      arguments.insert(arguments.end(), {"-iex", setting});
    arguments.insert(arguments.end(), {"-x", program_directory() / "soakline_inject.py"});
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    for (const auto& [name, value] : settings) environment.push_back(fmt::format("{}={}", name, value));
    spawn(arguments, environment);
  }
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;

  // What it printed until it ended; nothing if it had not by then.
  std::optional<std::string> output_until(Clock::time_point deadline) {
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      pollfd readable{output_.fd(), POLLIN, 0};
      const int ready = left.count() <= 0 ? 0 : poll(&readable, 1, static_cast<int>(left.count()));
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return std::nullopt;
      const ssize_t bytes = read(output_.fd(), buffer.data(), buffer.size());
      if (bytes <= 0) break;
      text_.append(buffer.data(), static_cast<std::size_t>(bytes));
      if (text_.size() > most_output) text_.erase(0, text_.size() - most_output);
    }
    waitpid(pid_, nullptr, 0);
    return text_;
  }
  void call_off() const { kill(pid_, SIGINT); }
  pid_t pid() const { return pid_; }

 private:
  void spawn(std::vector<std::string>& arguments, std::vector<std::string>& environment) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
      throw RunError(fmt::format("--inject: no pipe for gdb's output: {}", std::strerror(errno)));
    output_ = OpenFile(ends[0]);
    const OpenFile theirs(ends[1]);
    const auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> result;
      for (std::string& text : texts) result.push_back(text.data());
      result.push_back(nullptr);
      return result;
    };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, theirs.fd(), 1);
    posix_spawn_file_actions_adddup2(&actions, theirs.fd(), 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    const int error = posix_spawn(&pid_, arguments[0].c_str(), &actions, &attributes,
                                  pointers(arguments).data(), pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw RunError(fmt::format("--inject: {}: {}", arguments[0], std::strerror(error)));
  }

  OpenFile output_;
  pid_t pid_ = 0;
  std::string text_;
};

// Killed in the middle of a call gdb would take the process with it: one that hangs is left alone.
std::string output_of(Debugger& debugger, int pid) {
  auto output = debugger.output_until(Clock::now() + patience + longest_call);
  if (output) return *output;
  debugger.call_off();
  output = debugger.output_until(Clock::now() + longest_farewell);
  if (output) return *output;
  throw RunError(
      fmt::format("--inject: gdb (process {}) does not come back from process {}; it is left as it is, for "
                  "to kill it may kill both",
                  debugger.pid(), pid));
}

// What the script says at the end, "" where it did not get there.
std::string answer_in(std::string_view output) {
  std::string answer;
  LineSplitter lines([&](std::string_view line) {
    for (const std::string_view beginning : {"injected ", "refused ", "busy", "failed "})
      if (line.starts_with(beginning)) answer = line;
  });
  lines.add(output);
  return answer;
}

}  // namespace

double inject_agent(int pid, const std::filesystem::path& folder) {
  if (const std::string why = why_not_injected(pid); !why.empty())
    throw ScenarioError(fmt::format("--inject: process {} {}", pid, why));
  const std::string gdb = boost::process::search_path("gdb").string();
  if (gdb.empty())
    throw ScenarioError("--inject needs gdb; install it (apt-get install gdb), or leave --inject out");
  const std::string library = injected_library();
  const bool is_loaded = library_of(pid, agent_file_name).base != 0;
  std::string functions =
      fmt::format("soakline_agent_start={}", function_in(library, "soakline_agent_start"));
  for (const char* name : {"mmap", "munmap", "dlopen", "dlerror"})
    functions += fmt::format(" {}={}", name, libc_function(pid, name));
  Debugger debugger(gdb, {{"SOAKLINE_PID", fmt::format("{}", pid)},
                          {"SOAKLINE_LIBRARY", library},
                          {"SOAKLINE_AGENT", folder},
                          {"SOAKLINE_IS_LOADED", is_loaded ? "1" : "0"},
                          {"SOAKLINE_FUNCTIONS", functions},
                          {"SOAKLINE_PATIENCE_S", fmt::format("{}", patience.count())}});
  const std::string output = output_of(debugger, pid), answer = answer_in(output);
  if (answer.starts_with("injected ")) return std::strtod(answer.c_str() + 9, nullptr);
  if (answer == "busy")
    throw RunError(fmt::format(
        "--inject: for {} s no thread of process {} was where it can be used; it goes on as it did, "
        "try again",
        patience.count(), pid));
  if (answer.starts_with("refused "))
    throw RunError(fmt::format("--inject: process {} {}; it goes on as it did", pid, answer.substr(8)));
  if (kill(pid, 0) != 0 && errno == ESRCH) throw RunError(fmt::format("--inject: process {} has ended", pid));
  constexpr std::size_t most_told = 300;
  throw RunError(fmt::format("--inject: gdb did not put the agent into process {}; it said: {}", pid,
                             answer.empty() ? output.substr(0, most_told) : answer.substr(7)));
}

}  // namespace soakline
