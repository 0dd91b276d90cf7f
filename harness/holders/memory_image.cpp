#include "harness/holders/memory_image.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "harness/heap_walk.hpp"
#include "harness/page_heads.hpp"
#include "harness/proc_files.hpp"
#include "harness/process_memory.hpp"

namespace soakline {
namespace {

// proc(5), pagemap
constexpr std::uint64_t is_present = std::uint64_t{1} << 63, is_swapped = std::uint64_t{1} << 62,
                        is_of_file = std::uint64_t{1} << 61;

// A sanitizer's shadow and the like: reserved by the terabyte.
constexpr std::uint64_t largest_mapping = std::uint64_t{64} << 30;

// Memory of devices and of the kernel cannot be read this way, and files that are shared outlive the process,
// but for those that have no name.
bool may_hold_pointers(const Mapping& mapping) {
  if (!mapping.readable || mapping.name.starts_with("[v")) return false;
  for (const std::string_view nameless : {"/dev/zero", "/memfd:", "/SYSV"})
    if (mapping.name.starts_with(nameless)) return mapping.writable;
  if (mapping.shared || mapping.name.starts_with("/dev/")) return false;
  return mapping.writable || mapping.inode == 0;
}

}  // namespace

std::uint64_t bytes_to_copy() {
  constexpr std::uint64_t most_bytes = std::uint64_t{4} << 30;
  constexpr double share_of_free_memory = 0.2;
  std::array<char, 4096> text;
  const double free = kilobytes_of(open_at(AT_FDCWD, "/proc/meminfo", O_RDONLY).read(text), "MemAvailable:");
  return free > 0 ? std::min(most_bytes, static_cast<std::uint64_t>(share_of_free_memory * free))
                  : most_bytes;
}

void MemoryImage::Unmap::operator()(char* memory) const {
  munmap(memory, bytes);
}

MemoryImage::MemoryImage(int pid, std::uint64_t most_bytes) {
  find_areas(pid);
  if (unusable_.empty()) find_runs(pid);
  if (unusable_.empty() && bytes_ > most_bytes)
    unusable_ =
        fmt::format("its memory, {:.1f} GB, is too large to be copied", 1e-9 * static_cast<double>(bytes_));
  if (unusable_.empty()) copy(pid);
  if (unusable_.empty()) return;
  runs_.clear();  // what there is of a copy says nothing
  bytes_ = 0;
}

void MemoryImage::find_areas(int pid) {
  MappingList mappings;
  if (mappings.read(pid) != 0) unusable_ = is_gone;
  mappings.for_each([&](const Mapping& mapping) {
    if (!may_hold_pointers(mapping)) return;
    if (mapping.end - mapping.start > largest_mapping) {
      incomplete_ = "a mapping of more than 64 GiB was not read";
      return;
    }
    Area area{mapping.start, mapping.end, Area::Kind::anonymous, {}};
    if (mapping.name.starts_with("[stack")) {
      area.kind = Area::Kind::stack;
    } else if (mapping.inode != 0 && !mapping.shared) {
      area.kind = Area::Kind::globals;
      area.file = mapping.name;
    } else if (mapping.name.empty() && mapping.writable && !areas_.empty() &&
               areas_.back().end == mapping.start && areas_.back().kind == Area::Kind::globals) {
      area.kind = Area::Kind::globals;  // .bss goes on behind the file's last page
      area.file = areas_.back().file;
    }
    areas_.push_back(std::move(area));
  });
}

void MemoryImage::find_runs(int pid) {
  const OpenFile pagemap = open_at(AT_FDCWD, fmt::format("/proc/{}/pagemap", pid).c_str(), O_RDONLY);
  if (!pagemap.is_open()) unusable_ = no_permission;
  std::vector<std::uint64_t> entries(32 << 10);
  for (const Area& area : areas_) {
    for (std::uint64_t at = area.start; at < area.end;) {
      const std::size_t asked = std::min<std::size_t>(entries.size(), (area.end - at) / page_bytes);
      const ssize_t got = pread(pagemap.fd(), entries.data(), asked * sizeof entries[0],
                                static_cast<off_t>(at / page_bytes * sizeof entries[0]));
      if (got <= 0) {
        unusable_ = is_gone;
        return;
      }
      for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof entries[0]; ++i, at += page_bytes) {
        if ((entries[i] & is_swapped) != 0) incomplete_ = "some of its memory is swapped out";
        // A page that still is the file's was never written to.
        if ((entries[i] & is_present) == 0 ||
            (area.kind == Area::Kind::globals && (entries[i] & is_of_file) != 0))
          continue;
        if (runs_.empty() || runs_.back().end != at) runs_.push_back({at, at, bytes_});
        runs_.back().end += page_bytes;
        bytes_ += page_bytes;
      }
    }
  }
}

void MemoryImage::copy(int pid) {
  // Touched beforehand: the shorter the copy takes, the less of it changes meanwhile.
  void* const memory = mmap(nullptr, std::max<std::size_t>(bytes_, 1), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) {
    unusable_ = "no memory for a copy";
    return;
  }
  copy_ = std::unique_ptr<char, Unmap>(static_cast<char*>(memory), Unmap{std::max<std::size_t>(bytes_, 1)});
  for (const PageRun& run : runs_) {
    for (std::uint64_t at = run.start; at < run.end;) {
      const iovec local{copy_.get() + run.offset + (at - run.start), run.end - at};
      const iovec remote = remote_span(at, run.end - at);
      const ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
      if (got < 0 && errno != EFAULT) {
        unusable_ = errno == EPERM ? no_permission : is_gone;
        return;
      }
      // What has been unmapped since stays zero.
      at += got > 0 ? static_cast<std::uint64_t>(got) : page_bytes;
    }
  }
}

const PageRun* MemoryImage::run_before(std::uint64_t address) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), address,
                                      [](std::uint64_t at, const PageRun& run) { return at < run.start; });
  return after == runs_.begin() ? nullptr : &after[-1];
}

const Area* MemoryImage::area_of(std::uint64_t address) const {
  const auto after = std::upper_bound(areas_.begin(), areas_.end(), address,
                                      [](std::uint64_t at, const Area& area) { return at < area.start; });
  return after == areas_.begin() || address >= after[-1].end ? nullptr : &after[-1];
}

std::uint64_t MemoryImage::mapped_end(std::uint64_t address) const {
  const Area* area = area_of(address);
  if (area == nullptr) return address;
  while (area != &areas_.back() && area[1].start == area->end) ++area;
  return area->end;
}

std::string_view MemoryImage::text(std::uint64_t address) const {
  const PageRun* const run = run_before(address);
  if (run == nullptr || address >= run->end) return {};
  return {data(*run) + (address - run->start), run->end - address};
}

std::optional<std::uint64_t> MemoryImage::word(std::uint64_t address) const {
  const std::string_view there = text(address);
  if (there.size() < sizeof(std::uint64_t)) return std::nullopt;
  return word_at(there.data());
}

}  // namespace soakline
