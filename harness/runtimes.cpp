#include "harness/runtimes.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "harness/process_tree.hpp"

namespace soakline {
namespace {

struct Runtime {
  std::string_view file;  // what the name of a mapped file begins with
  std::string_view name;
};
constexpr std::array runtimes = {Runtime{"libjvm.so", "the JVM"}, Runtime{"libnode.so", "Node"},
                                 Runtime{"libcoreclr.so", ".NET"}, Runtime{"libmonosgen", "Mono"},
                                 Runtime{"libruby", "Ruby"}};
// Programs that have their runtime in themselves.
constexpr std::array programs = {Runtime{"node", "Node"}, Runtime{"nodejs", "Node"}, Runtime{"deno", "Deno"},
                                 Runtime{"bun", "Bun"}};

}  // namespace

std::string runtime_of(int pid) {
  std::error_code gone;
  const std::string program =
      std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), gone).filename();
  for (const Runtime& runtime : programs)
    if (program == runtime.file) return std::string(runtime.name);
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  for (std::string line; std::getline(maps, line);) {
    const std::string_view file = std::string_view(line).substr(line.rfind('/') + 1);
    for (const Runtime& runtime : runtimes)
      if (file.starts_with(runtime.file)) return std::string(runtime.name);
  }
  return {};
}

std::string collected_runtime(pid_t root, bool include_root) {
  ProcessTree tree(root, include_root);
  tree.refresh();
  for (const int pid : tree.members())
    if (std::string name = runtime_of(pid); !name.empty()) return name;
  return {};
}

}  // namespace soakline
