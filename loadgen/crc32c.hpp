// CRC-32C (Castagnoli; RFC 3720, appendix B.4), of which processors know an instruction.
#pragma once

#include <cstdint>
#include <string_view>

namespace soakline {

// Of the first bytes and then the others.
std::uint32_t crc32c(std::string_view first, std::string_view others = {});

// The same without the instruction.
std::uint32_t crc32c_portable(std::string_view first, std::string_view others = {});

}  // namespace soakline
