#include "loadgen/hdr_encoding.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace soakline {
namespace {

// The low byte's upper half is the size of a count's word; 1 says that counts vary in length.
constexpr std::uint32_t cookie = 0x1c849303 | 0x10;
constexpr std::uint32_t compressed_cookie = 0x1c849304 | 0x10;
constexpr std::uint32_t significant_digits = 2;
// The same in every log where it can be, so that tools add histograms that are alike.
constexpr std::int64_t usual_highest_ns = 3'600'000'000'000;

template <std::unsigned_integral Number>
void put(std::string& out, Number number) {
  for (int shift = 8 * sizeof(Number) - 8; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

// Seven bits a byte, the lowest first; a ninth byte has all eight.
void put_varying(std::string& out, std::int64_t number) {
  std::uint64_t left = static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
  for (int bytes = 1; left >= 0x80 && bytes < 9; ++bytes, left >>= 7)
    out += static_cast<char>((left & 0x7f) | 0x80);
  out += static_cast<char>(left);
}

// A count stands for itself, a negative number for so many empty buckets.
std::string varying_counts(std::span<const std::uint64_t> counts) {
  std::string out;
  for (auto at = counts.begin(); at != counts.end();) {
    const auto filled = std::find_if(at, counts.end(), [](auto count) { return count > 0; });
    if (filled - at > 1)
      put_varying(out, at - filled);
    else if (filled != at)
      put_varying(out, 0);
    if (filled == counts.end()) break;
    put_varying(out, static_cast<std::int64_t>(*filled));
    at = filled + 1;
  }
  return out;
}

}  // namespace

std::string hdr_encoding(const LatencyHistogram& histogram) {
  const std::string counts = varying_counts(histogram.counts());
  std::string out;
  put(out, cookie);
  put(out, static_cast<std::uint32_t>(counts.size()));
  put(out, std::uint32_t{0});  // of an index that is shifted
  put(out, significant_digits);
  put(out, std::uint64_t{1});
  put(out, static_cast<std::uint64_t>(std::max(usual_highest_ns, histogram.max_ns())));
  put(out, std::bit_cast<std::uint64_t>(1.0));  // of values that were floating point numbers
  return out + counts;
}

std::string hdr_compressed(const LatencyHistogram& histogram) {
  const std::string plain = hdr_encoding(histogram);
  uLongf size = compressBound(plain.size());
  std::string deflated(size, '\0');
  const int error = compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
                             reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  if (error != Z_OK) throw std::runtime_error("zlib cannot compress a histogram");
  deflated.resize(size);
  std::string out;
  put(out, compressed_cookie);
  put(out, static_cast<std::uint32_t>(size));
  return out + deflated;
}

}  // namespace soakline
