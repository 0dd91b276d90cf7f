// As many calls of malloc as one asks for, each a place in the code of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <utility>

namespace soakline::testing {

template <std::size_t place>
[[gnu::noinline]] void* malloc_at(std::size_t bytes) {
  void* block = std::malloc(bytes);
  asm volatile("# %c1" : "+r"(block) : "i"(place));  // neither a tail call nor another place's code
  return block;
}

template <std::size_t... place>
constexpr auto malloc_at_each(std::index_sequence<place...>) {
  return std::array<void* (*)(std::size_t), sizeof...(place)>{&malloc_at<place>...};
}

template <std::size_t number>
constexpr auto malloc_places = malloc_at_each(std::make_index_sequence<number>());

}  // namespace soakline::testing
