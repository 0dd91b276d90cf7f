// What `new` made, where nothing at the call of the allocator says so: the constructor that runs next.
#pragma once

#include <cstdint>
#include <string>

#include "harness/symbols.hpp"

namespace soakline {

// The type of `bytes` bytes that is constructed right after the code goes on there, by a call or inlined, as
// the debug information tells; "" if there is none.
std::string constructed_type(Symbols& symbols, std::uint64_t return_address, std::uint64_t bytes);

}  // namespace soakline
