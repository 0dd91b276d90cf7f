// What an HTTP load counts beside the ledger.
#pragma once

#include <array>
#include <cstdint>

namespace soakline {

struct HttpAccount {
  std::array<std::uint64_t, 6> by_class{};  // answers whose status begins with that digit
  std::uint64_t connections = 0;            // opened, those that were opened again included
  std::uint64_t repeated = 0;               // requests sent again because the server had just closed
};

}  // namespace soakline
