// Another process's memory, read while it runs: its mappings, and what is in them.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <boost/interprocess/anonymous_shared_memory.hpp>

namespace soakline {

// A place in another process, as process_vm_readv takes it.
inline iovec remote_span(std::uint64_t address, std::size_t bytes) {
  return {reinterpret_cast<void*>(address), bytes};  // NOLINT(performance-no-int-to-ptr): not our pointer
}

// A line of /proc/PID/maps; `name` is "" where the kernel gives none.
struct Mapping {
  std::uint64_t start = 0, end = 0, inode = 0;
  bool readable = false, writable = false, shared = false;
  std::string_view name;

  // Private memory of the process itself, as an allocator takes it.
  bool is_anonymous() const {
    return readable && writable && !shared && inode == 0 && (name.empty() || name.starts_with("[anon"));
  }
};

// The mappings of a process at one moment. Its buffer is shared memory, not malloc's: it may look at its own.
class MappingList {
 public:
  // Reads them anew; an errno if that cannot be, 0 otherwise. Names are valid until the next reading.
  int read(int pid);

  template <typename Use>
  void for_each(Use&& use) const {
    for (std::string_view rest = text_; !rest.empty();) use(take(rest));
  }

 private:
  static Mapping take(std::string_view& rest);

  boost::interprocess::mapped_region buffer_ = boost::interprocess::anonymous_shared_memory(64 << 10);
  std::string_view text_;
};

// A window on a process's memory that moves to what is asked of it; shared memory, as above.
class MemoryWindow {
 public:
  explicit MemoryWindow(std::size_t bytes) : region_(boost::interprocess::anonymous_shared_memory(bytes)) {}
  void open(int pid);
  // What was read is forgotten: the next question is asked of the process again.
  void forget() { bytes_ = 0; }
  // No address from here on is read ahead.
  void set_end(std::uint64_t end) { end_ = end; }

  // The eight bytes there, nothing if they are not mapped.
  std::optional<std::uint64_t> word(std::uint64_t address) {
    if (address - base_ + 8 > bytes_ || address < base_) {
      if (!move_to(address)) return std::nullopt;
    }
    std::uint64_t value = 0;
    std::memcpy(&value, data() + (address - base_), sizeof value);
    return value;
  }
  // As much as the window holds from there, up to the end; "" if it is not mapped.
  std::string_view text(std::uint64_t address);
  // Of the last reading that gave nothing.
  int error() const { return error_; }

 private:
  const char* data() const { return static_cast<const char*>(region_.get_address()); }
  bool move_to(std::uint64_t address);

  boost::interprocess::mapped_region region_;
  std::uint64_t base_ = 0, end_ = 0;
  std::size_t bytes_ = 0;
  int pid_ = 0, error_ = 0;
};

}  // namespace soakline
