#include "loadgen/crc32c.hpp"

#include <cstring>

#include <boost/crc.hpp>

namespace soakline {

std::uint32_t crc32c_portable(std::string_view first, std::string_view others) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xffffffff, 0xffffffff, true, true> crc;
  crc.process_bytes(first.data(), first.size());
  crc.process_bytes(others.data(), others.size());
  return crc.checksum();
}

#if defined(__x86_64__)

namespace {

__attribute__((target("sse4.2"))) std::uint32_t go_on(std::uint32_t before, std::string_view bytes) {
  std::uint64_t crc = before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    crc = __builtin_ia32_crc32di(crc, word);
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(*at));
  return rest;
}

}  // namespace

std::uint32_t crc32c(std::string_view first, std::string_view others) {
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (!has_instruction) return crc32c_portable(first, others);
  return ~go_on(go_on(0xffffffffU, first), others);
}

#else

std::uint32_t crc32c(std::string_view first, std::string_view others) {
  return crc32c_portable(first, others);
}

#endif

}  // namespace soakline
