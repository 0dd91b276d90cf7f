// Size classes in which chunks of the heap are counted; the same in the recording and in the walk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace soakline {

inline constexpr std::size_t chunk_class_count = 183;

// Upper bounds in bytes, ascending: every 16 bytes up to 1,024, then eight to each doubling up to 32 MiB, the
// last with all that is larger. Chunk sizes include glibc's header, so that the least is 32.
std::span<const double> chunk_classes();

// The class of a chunk of so many bytes: the first whose bound is not below it.
std::size_t chunk_class_of(std::uint64_t bytes);

}  // namespace soakline
