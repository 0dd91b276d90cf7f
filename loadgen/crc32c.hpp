// CRC-32C (Castagnoli; RFC 3720, appendix B.4), of which processors know an instruction.
#pragma once

#include <cstdint>
#include <string_view>

namespace soakline {

// Goes on from the CRC of what came before; 0 at the beginning.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

// The same without the instruction.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0);

}  // namespace soakline
