// How the agent defines a function that programs are to meet in front of the one they mean.
#pragma once

#include "harness/agent/live_counts.hpp"

// What programs see of this library.
#define SOAKLINE_HOOK extern "C" [[gnu::visibility("default"), gnu::noinline]]
#define SOAKLINE_CPP_HOOK [[gnu::visibility("default"), gnu::noinline]]
#define SOAKLINE_CALLER                                               \
  soakline::Caller {                                                  \
    reinterpret_cast<std::uint64_t>(__builtin_return_address(0)),     \
        static_cast<const std::uint64_t*>(__builtin_frame_address(0)) \
  }
