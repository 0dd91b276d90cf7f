// Our RESP2 parser against hiredis on random streams, cut anywhere and damaged: after every piece both have
// found the same. SOAKLINE_STREAMS says how many streams.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include <boost/random/uniform_int_distribution.hpp>

#include "loadgen/redis_replies.hpp"
#include "loadgen/seeded.hpp"

namespace soakline {
namespace {

// What a parser has made of a stream so far.
struct Seen {
  std::size_t values = 0;
  std::size_t errors = 0;  // of the values
  bool broken = false;

  bool operator==(const Seen&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << seen.values << " values, " << seen.errors << " errors" << (seen.broken ? ", broken" : "");
}

// hiredis, keeping no values: a damaged stream announces arrays of 2^31 - 1 elements.
class Hiredis {
 public:
  // Where we differ, and mean to. The first two are broken for us.
  enum Differs { no, bulk_without_line_end, bulk_over_a_gibibyte, deeper_than_hiredis };

  Hiredis() { reader_->privdata = this; }

  void feed(std::string_view piece) {
    redisReaderFeed(reader_.get(), piece.data(), piece.size());
    void* value = nullptr;
    while (redisReaderGetReply(reader_.get(), &value) == REDIS_OK && value != nullptr && differs_ == no) {
      ++seen_.values;
      seen_.errors += value == &error ? 1 : 0;
    }
    if (differs_ == no && std::string_view(reader_->errstr).find("nested") != std::string_view::npos)
      differs_ = deeper_than_hiredis;
    if (differs_ == no && waits_for_over_a_gibibyte()) differs_ = bulk_over_a_gibibyte;
    seen_.broken = reader_->err != 0 || differs_ != no;
  }
  const Seen& seen() const { return seen_; }
  Differs differs() const { return differs_; }

 private:
  static void* string(const redisReadTask* task, char* bytes, std::size_t size) {
    if (task->type == REDIS_REPLY_STRING && std::string_view(bytes + size, 2) != "\r\n")
      static_cast<Hiredis*>(task->privdata)->differs_ = bulk_without_line_end;
    return task->type == REDIS_REPLY_ERROR ? &error : &plain;
  }

  bool waits_for_over_a_gibibyte() const {
    if (reader_->err != 0 || reader_->ridx < 0) return false;
    if (reader_->rstack[reader_->ridx].type != REDIS_REPLY_STRING) return false;
    const std::string_view rest(reader_->buf + reader_->pos, reader_->len - reader_->pos);
    return rest.find("\r\n") != std::string_view::npos && std::atoll(rest.data()) > (1LL << 30);
  }

  static inline char plain, error;
  redisReplyObjectFunctions functions_ = {string, [](const redisReadTask*, int) -> void* { return &plain; },
                                          [](const redisReadTask*, long long) -> void* { return &plain; },
                                          [](const redisReadTask*) -> void* { return &plain; }, [](void*) {}};
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader_{
      redisReaderCreateWithFunctions(&functions_), redisReaderFree};
  Seen seen_;
  Differs differs_ = no;
};

// Ours, as a connection uses it.
class Ours {
 public:
  void feed(std::string_view piece) {
    Reply reply;
    Parsed parsed = Parsed::more;
    while (!seen_.broken && (parsed = replies_.next(piece, reply)) == Parsed::reply) {
      seen_.values += reply.count;
      seen_.errors += reply.error.empty() ? 0 : 1;
    }
    seen_.broken |= parsed == Parsed::broken;
  }
  const Seen& seen() const { return seen_; }

 private:
  RedisReplies replies_{Resp::v2};
  Seen seen_;
};

class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : random_(seeded(seed, Purpose::messages)) {}

  // Up to a number, both included.
  std::size_t up_to(std::size_t most) {
    return boost::random::uniform_int_distribution<std::size_t>(0, most)(random_);
  }

  std::string values() {
    std::string bytes;
    for (std::size_t left = 1 + up_to(5); left > 0; --left) append_value(bytes, 7);
    return bytes;
  }

  void damage(std::string& bytes) {
    const std::size_t at = up_to(bytes.size());
    const std::size_t some = up_to(std::min<std::size_t>(bytes.size() - at, 12));
    switch (up_to(3)) {
      case 0:
        if (at < bytes.size()) bytes[at] = byte();
        break;
      case 1:
        bytes.erase(at, some);
        break;
      case 2:
        for (std::size_t i = 0; i < some; ++i) bytes.insert(at, 1, byte());
        break;
      default:
        bytes.insert(at, bytes.substr(at, some));
    }
  }

 private:
  void append_value(std::string& bytes, int depth) {
    switch (up_to(depth > 0 ? 10 : 5)) {
      case 0:
        bytes += "+" + line() + "\r\n";
        break;
      case 1:
        bytes += "-" + line() + "\r\n";
        break;
      case 2:
        bytes += ":" + std::to_string(integer()) + "\r\n";
        break;
      case 3:
        bytes += up_to(1) == 0 ? "$-1\r\n" : "*-1\r\n";
        break;
      case 4:
      case 5:
        append_bulk(bytes);
        break;
      default:
        const std::size_t elements = up_to(3);
        bytes += "*" + std::to_string(elements) + "\r\n";
        for (std::size_t i = 0; i < elements; ++i) append_value(bytes, depth - 1);
    }
  }

  void append_bulk(std::string& bytes) {
    const std::size_t size = up_to(9) == 0 ? up_to(3000) : up_to(20);
    bytes += "$" + std::to_string(size) + "\r\n";
    for (std::size_t i = 0; i < size; ++i) bytes += byte();
    bytes += "\r\n";
  }

  // Whatever a line may hold, a CR alone too.
  std::string line() {
    std::string text;
    for (std::size_t left = up_to(30); left > 0; --left) text += byte();
    std::replace(text.begin(), text.end(), '\n', '.');
    return text;
  }

  std::int64_t integer() {
    using Limits = std::numeric_limits<std::int64_t>;
    switch (up_to(3)) {
      case 0:
        return up_to(1) == 0 ? Limits::min() : Limits::max();
      case 1:
        return static_cast<std::int64_t>(random_());
      default:
        return static_cast<std::int64_t>(up_to(20)) - 5;
    }
  }

  // Half of them mean something to a parser.
  char byte() {
    constexpr std::string_view meaning = "\r\n\r\n+-:$*0123456789";
    return up_to(1) == 0 ? meaning[up_to(meaning.size() - 1)] : static_cast<char>(up_to(255));
  }

  Random random_;
};

std::size_t streams_wanted() {
  const char* const asked = std::getenv("SOAKLINE_STREAMS");
  return asked != nullptr ? static_cast<std::size_t>(std::atoll(asked)) : 20'000;
}

TEST(RespAgainstHiredis, BothFindTheSameInEveryPieceOfAnyStream) {
  std::array<std::size_t, 4> differing{};
  std::size_t broken = 0, values = 0;
  const std::size_t streams = streams_wanted();
  for (std::size_t seed = 0; seed < streams; ++seed) {
    RandomStream random(seed);
    std::string bytes = random.values();
    for (std::size_t damages = random.up_to(3); damages > 0; --damages) random.damage(bytes);
    const std::size_t longest_piece = random.up_to(1) == 0 ? 4 : bytes.size();
    Hiredis hiredis;
    Ours ours;
    for (std::string_view left = bytes; !left.empty() && !hiredis.seen().broken;) {
      const auto piece = left.substr(0, 1 + random.up_to(longest_piece));
      left.remove_prefix(piece.size());
      hiredis.feed(piece);
      ours.feed(piece);
      if (hiredis.differs() == Hiredis::deeper_than_hiredis) break;
      ASSERT_EQ(ours.seen(), hiredis.seen())
          << "stream " << seed << ", " << left.size() << " bytes before its end";
    }
    ++differing[hiredis.differs()];
    broken += hiredis.seen().broken ? 1 : 0;
    values += hiredis.seen().values;
  }
  // That the streams are of every sort, and how rare the exceptions are.
  EXPECT_GT(broken, streams / 10);
  EXPECT_GT(values, streams);
  EXPECT_LT(differing[Hiredis::bulk_over_a_gibibyte], streams / 100);
  EXPECT_LT(differing[Hiredis::deeper_than_hiredis], streams / 100);
  std::printf(
      "%zu streams, %zu values, %zu broken; of those %zu by a bulk without its line end, %zu by one over a "
      "GiB; %zu deeper than hiredis reads\n",
      streams, values, broken, differing[Hiredis::bulk_without_line_end],
      differing[Hiredis::bulk_over_a_gibibyte], differing[Hiredis::deeper_than_hiredis]);
}

}  // namespace
}  // namespace soakline
