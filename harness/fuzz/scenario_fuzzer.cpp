#include <cstddef>
#include <cstdint>

#include "harness/fuzz/entries.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  soakline::read_scenario({reinterpret_cast<const char*>(data), size});
  return 0;
}
