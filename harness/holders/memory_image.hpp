// A copy of what a running process keeps in its own writable memory, taken without a pause: the pages that
// are present, none is brought in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soakline {

// A mapping of the process.
struct Area {
  enum class Kind { globals, stack, anonymous };
  std::uint64_t start = 0, end = 0;
  Kind kind = Kind::anonymous;
  std::string file;  // whose globals these are
};

// Pages in a row, and where their copy begins.
struct PageRun {
  std::uint64_t start = 0, end = 0;
  std::size_t offset = 0;
};

// At most so many: the copy must not bring the machine down that is watched.
std::uint64_t bytes_to_copy();

class MemoryImage {
 public:
  // Above `most_bytes` none is made.
  explicit MemoryImage(int pid, std::uint64_t most_bytes);

  // Why there is no copy; "" if there is one.
  const std::string& unusable() const { return unusable_; }
  // Why something may be held by what was not copied; "" if all was.
  const std::string& incomplete() const { return incomplete_; }

  // Both in ascending order.
  const std::vector<Area>& areas() const { return areas_; }
  const std::vector<PageRun>& runs() const { return runs_; }
  std::size_t bytes() const { return bytes_; }

  // Of a run that holds the address, the nearest before it, or none.
  const PageRun* run_before(std::uint64_t address) const;
  const Area* area_of(std::uint64_t address) const;
  // Where the mappings end that follow each other from there on.
  std::uint64_t mapped_end(std::uint64_t address) const;
  // The memory there as far as it was copied in a row.
  std::string_view text(std::uint64_t address) const;
  std::optional<std::uint64_t> word(std::uint64_t address) const;
  const char* data(const PageRun& run) const { return copy_.get() + run.offset; }

 private:
  struct Unmap {
    std::size_t bytes;
    void operator()(char* memory) const;
  };
  void find_areas(int pid);
  void find_runs(int pid);
  void copy(int pid);

  std::vector<Area> areas_;
  std::vector<PageRun> runs_;
  std::size_t bytes_ = 0;
  std::unique_ptr<char, Unmap> copy_;
  std::string unusable_, incomplete_;
};

inline std::uint64_t word_at(const char* memory) {
  std::uint64_t value = 0;
  std::memcpy(&value, memory, sizeof value);
  return value;
}

}  // namespace soakline
