// Bytes that live on a heap, by the second of their birth: exact, whatever their age.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

namespace soakline {

class LiveBytes {
 public:
  LiveBytes(std::size_t seconds, std::pmr::memory_resource* memory) : born_(seconds + 2, memory) {}

  void born(std::uint32_t second, std::size_t bytes) {
    born_[second] += static_cast<std::int64_t>(bytes);
    total_ += static_cast<std::int64_t>(bytes);
  }
  void died(std::uint32_t born_second, std::size_t bytes) {
    born_[born_second] -= static_cast<std::int64_t>(bytes);
    total_ -= static_cast<std::int64_t>(bytes);
  }

  std::int64_t total() const { return total_; }
  // Of blocks born in [from_second, to_second).
  std::int64_t born_between(std::uint32_t from_second, std::uint32_t to_second) const {
    std::int64_t bytes = 0;
    for (std::uint32_t second = from_second; second < to_second; ++second) bytes += born_[second];
    return bytes;
  }

 private:
  std::pmr::vector<std::int64_t> born_;
  std::int64_t total_ = 0;
};

}  // namespace soakline
