#include "loadgen/wire/byte_course.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {

constexpr std::size_t most_waiting = std::size_t{1} << 20;
constexpr std::size_t most_while_reading_slowly = 1;
constexpr std::size_t usual_read = 16 << 10;
constexpr double step_s = 0.01;  // a rate goes on in what it lets through in that time

std::int64_t nanoseconds(double seconds) {
  return std::llround(1e9 * seconds);
}

}  // namespace

void ByteCourse::set(const BytePace& pace, std::int64_t now_ns) {
  if (pace.delay_s == 0)
    for (Chunk& chunk : chunks_) chunk.ready_ns = std::min(chunk.ready_ns, now_ns);
  pace_ = pace;
  free_ns_ = now_ns;
}

void ByteCourse::add(std::string_view bytes, std::int64_t now_ns) {
  if (bytes.empty()) return;
  chunks_.push_back({now_ns + nanoseconds(pace_.delay_s), std::string(bytes)});
  waiting_ += bytes.size();
}

std::size_t ByteCourse::largest_step() const {
  std::size_t most = pace_.piece > 0 ? pace_.piece : most_waiting;
  if (pace_.bytes_per_s > 0)
    most = std::min(most, static_cast<std::size_t>(std::max(1.0, pace_.bytes_per_s * step_s)));
  return most;
}

std::string_view ByteCourse::due(std::int64_t now_ns) const {
  if (next_ns() > now_ns) return {};
  const Chunk& first = chunks_.front();
  return std::string_view(first.bytes).substr(first.gone, largest_step());
}

void ByteCourse::gone(std::size_t size, std::int64_t now_ns) {
  if (size == 0) return;
  Chunk& first = chunks_.front();
  first.gone += size;
  waiting_ -= size;
  if (first.gone == first.bytes.size()) chunks_.pop_front();
  const double seconds =
      pace_.pause_s + (pace_.bytes_per_s > 0 ? static_cast<double>(size) / pace_.bytes_per_s : 0);
  free_ns_ = now_ns + nanoseconds(seconds);
}

std::int64_t ByteCourse::next_ns() const {
  if (chunks_.empty() || pace_.held) return never_ns;
  return std::max(chunks_.front().ready_ns, free_ns_);
}

bool ByteCourse::wants_more() const {
  return waiting_ < (pace_.slow_reading ? most_while_reading_slowly : most_waiting);
}

std::size_t ByteCourse::read_size() const {
  return pace_.slow_reading ? std::min(usual_read, largest_step()) : usual_read;
}

}  // namespace soakline
