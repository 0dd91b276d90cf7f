#include "harness/injectable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "harness/live_heap.hpp"
#include "harness/preloading.hpp"
#include "harness/proc_files.hpp"
#include "harness/process.hpp"
#include "harness/process_memory.hpp"

namespace soakline {
namespace {

// /proc/PID/status, of which one field after the other is asked.
class ProcessStatus {
 public:
  explicit ProcessStatus(int pid) {
    const OpenFile file =
        open_at(AT_FDCWD, fmt::format("/proc/{}/status", pid).c_str(), O_RDONLY | O_CLOEXEC);
    if (file.is_open()) text_ = file.read(buffer_);
  }
  // The first word after "Name:", "" where there is none.
  std::string_view field(std::string_view name) const {
    const std::string key = fmt::format("\n{}:\t", name);
    const std::size_t at = text_.find(key);
    if (at == std::string_view::npos) return "";
    const std::string_view rest = text_.substr(at + key.size());
    return rest.substr(0, rest.find_first_of("\t\n "));
  }
  long number(std::string_view name) const {
    return std::strtol(std::string(field(name)).c_str(), nullptr, 10);
  }

 private:
  std::array<char, 16384> buffer_{};
  std::string_view text_;
};

std::string in_its_state(int pid) {
  const ProcessStatus status(pid), own(getpid());
  const std::string_view state = status.field("State");
  if (state.empty() || state == "Z") return "has ended";
  if (state == "T") return "is stopped; continue it";
  if (const long tracer = status.number("TracerPid"); tracer != 0)
    return fmt::format("is traced by process {} already; end that first", tracer);
  if (status.number("Uid") != static_cast<long>(geteuid()))
    return fmt::format("belongs to user {}; run soakline as that user", status.number("Uid"));
  // Those that a container gives to all that runs in it, and so to us, are no matter.
  if (status.number("Seccomp_filters") > own.number("Seccomp_filters") || status.field("Seccomp") == "1")
    return "filters its own system calls (seccomp), and what the agent needs may kill it";
  return "";
}

std::string in_its_mappings(int pid) {
  MappingList mappings;
  if (mappings.read(pid) != 0) return "cannot be looked at; run soakline as its user, or as root";
  std::string why;
  bool has_libc = false;
  mappings.for_each([&](const Mapping& mapping) {
    const std::string_view name = mapping.name.substr(mapping.name.rfind('/') + 1);
    const bool gone = name.ends_with(" (deleted)");
    if (name.starts_with("libc.so.6") || name.starts_with("libc-2")) {
      has_libc = true;
      if (gone) why = "runs with a libc that an update has replaced; restart it";
    } else if (name.starts_with("ld-musl")) {
      why = "runs on musl, and the agent needs glibc";
    } else if (name.starts_with("libsoakline_agent.so")) {
      why = "was started with the agent, by 'soakline run'";
    } else if (name.starts_with(agent_file_name) && mapping.name != injected_library().native()) {
      why = fmt::format("has the agent of another soakline in it, {}; use that one, or restart the process",
                        mapping.name);
    } else if (mapping.name.find(agent_folder_prefix) != std::string_view::npos && !gone) {
      why = "is watched by another 'soakline attach --inject' already; end that first";
    }
    for (const std::string_view sanitizer : {"libasan", "libtsan", "libmsan", "libhwasan"})
      if (name.starts_with(sanitizer)) why = "runs with a sanitizer, whose allocator must come first";
  });
  return !why.empty() || has_libc ? why : "does not run on glibc";
}

std::string in_its_rights(int pid) {
  struct stat ours {
  }, theirs{};
  const std::string library = injected_library();
  if (stat(library.c_str(), &ours) != 0) return fmt::format("can be given no agent: {} is missing", library);
  if (stat(fmt::format("/proc/{}/root{}", pid, library).c_str(), &theirs) != 0 ||
      theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev)
    return fmt::format("does not see {}, as in another container; run soakline where it runs", library);
  // Asks for the right to trace it, and does nothing.
  const OpenFile memory = open_at(AT_FDCWD, fmt::format("/proc/{}/mem", pid).c_str(), O_RDWR | O_CLOEXEC);
  if (!memory.is_open())
    return "must not be traced by this user; run soakline as root, or set kernel.yama.ptrace_scope to 0";
  return "";
}

}  // namespace

std::filesystem::path injected_library() {
  return program_directory() / agent_file_name;
}

std::string why_not_injected(int pid) {
#ifndef __x86_64__
  return "cannot be given the agent, which can be put into running processes on x86-64 only";
#endif
  if (kill(pid, 0) != 0 && errno == ESRCH) return "is not there";
  for (const auto why_not : {in_its_state, in_its_rights}) {
    if (std::string why = why_not(pid); !why.empty()) return why;
  }
  if (std::string why = why_not_preloaded({{fmt::format("/proc/{}/exe", pid)}, {}, {}}); !why.empty())
    return why;
  return in_its_mappings(pid);
}

}  // namespace soakline
