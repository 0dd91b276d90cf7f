#include "loadgen/crc32c.hpp"

#include <cstring>

#include <boost/crc.hpp>

namespace soakline {

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before) {
  // Boost takes what it begins with the other way round.
  std::uint32_t reflected = 0;
  for (std::uint32_t bit = 0; bit < 32; ++bit) reflected |= (~before >> bit & 1U) << (31 - bit);
  boost::crc_optimal<32, 0x1EDC6F41, 0, 0xffffffff, true, true> crc(reflected);
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

#if defined(__x86_64__)

namespace {

__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes, std::uint32_t before) {
  std::uint64_t crc = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    crc = __builtin_ia32_crc32di(crc, word);
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(*at));
  return ~rest;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  return has_instruction ? crc32c_sse42(bytes, before) : crc32c_portable(bytes, before);
}

#else

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  return crc32c_portable(bytes, before);
}

#endif

}  // namespace soakline
