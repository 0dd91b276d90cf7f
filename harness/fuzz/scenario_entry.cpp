#include <sys/mman.h>
#include <unistd.h>

#include <system_error>

#include "harness/fuzz/entries.hpp"
#include "harness/scenario_file.hpp"

namespace soakline {
namespace {

// A file that leaves nothing behind, whatever becomes of the process.
class FileInMemory {
 public:
  explicit FileInMemory(std::string_view text) : descriptor_(memfd_create("scenario.toml", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw std::system_error(errno, std::generic_category(), "a file in memory");
  }
  ~FileInMemory() { close(descriptor_); }
  FileInMemory(const FileInMemory&) = delete;
  FileInMemory& operator=(const FileInMemory&) = delete;

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

bool read_scenario(std::string_view text) {
  const FileInMemory file(text);
  try {
    const ScenarioSummary summary = summarize(file.path());
    const std::string& variant = summary.variants.at(0).name;
    resolve(file.path(), variant, {});
    for (const std::string& profile : summary.profiles) {
      Overrides overrides;
      overrides.profile = profile;
      resolve(file.path(), variant, overrides);
    }
    return true;
  } catch (const ScenarioError&) {
    return false;
  }
}

}  // namespace soakline
