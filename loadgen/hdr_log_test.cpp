#include "loadgen/hdr_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/hdr_encoding.hpp"

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::StartsWith;

// A decoder written after the description of the format, not after the encoder.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {}
  std::uint64_t number(int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value = value * 256 + next();
    return value;
  }
  std::int64_t varying() {
    std::uint64_t value = 0;
    for (int i = 0; i < 9; ++i) {
      const std::uint64_t byte = next();
      value |= (i < 8 ? byte & 127 : byte) << 7 * i;
      if (i < 8 && byte < 128) break;
    }
    return static_cast<std::int64_t>(value >> 1) * (value % 2 == 0 ? 1 : -1) - (value % 2 == 0 ? 0 : 1);
  }
  std::string_view rest() const { return left_; }

 private:
  std::uint64_t next() {
    if (left_.empty()) throw std::runtime_error("the encoding ends too early");
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  std::string_view left_;
};

// Counts by index.
std::map<std::int64_t, std::int64_t> decoded(std::string_view encoding) {
  Bytes bytes(encoding);
  EXPECT_EQ(bytes.number(4), 0x1c849313U);
  const auto length = bytes.number(4);
  EXPECT_EQ(bytes.number(4), 0U) << "offset of the index";
  EXPECT_EQ(bytes.number(4), 2U) << "significant digits";
  EXPECT_EQ(bytes.number(8), 1U) << "lowest value";
  EXPECT_GE(bytes.number(8), 3'600'000'000'000U) << "highest value";
  EXPECT_EQ(bytes.number(8), 0x3ff0000000000000U) << "1.0";
  EXPECT_EQ(bytes.rest().size(), length);
  std::map<std::int64_t, std::int64_t> counts;
  for (std::int64_t index = 0; !bytes.rest().empty();) {
    const std::int64_t count = bytes.varying();
    if (count > 0) counts[index] = count;
    index += count < 0 ? -count : 1;
  }
  return counts;
}

std::string inflated(std::string_view compressed) {
  Bytes bytes(compressed);
  EXPECT_EQ(bytes.number(4), 0x1c849314U);
  const auto length = bytes.number(4);
  EXPECT_EQ(bytes.rest().size(), length);
  std::string plain(1 << 20, '\0');
  uLongf size = plain.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                       reinterpret_cast<const Bytef*>(bytes.rest().data()), bytes.rest().size()),
            Z_OK);
  plain.resize(size);
  return plain;
}

std::string from_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  EXPECT_EQ(text.size() % 4, 0U);
  std::string bytes;
  unsigned bits = 0, held = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(digits.find(c));
    if ((held += 6) >= 8) bytes += static_cast<char>(bits >> (held -= 8));
  }
  return bytes;
}

// An HdrHistogram's index: half a bucket of 256 sub-buckets for each doubling.
std::int64_t index_of(std::uint64_t value) {
  int bucket = 0;
  while (value >> bucket >= 256) ++bucket;
  return (bucket + 1) * 128 + static_cast<std::int64_t>(value >> bucket) - 128;
}

LatencyHistogram histogram_of(const std::vector<std::int64_t>& values) {
  LatencyHistogram histogram;
  for (const auto value : values) histogram.record(value);
  return histogram;
}

TEST(HdrEncoding, EveryValueIsCountedAtTheIndexAnHdrHistogramHasForIt) {
  for (int bit = 0; bit < 63; ++bit)
    for (const std::int64_t around : {-1, 0, 1}) {
      const std::int64_t value = (std::int64_t{1} << bit) + around;
      EXPECT_THAT(decoded(hdr_encoding(histogram_of({value}))),
                  ElementsAre(Pair(index_of(static_cast<std::uint64_t>(value)), 1)))
          << value;
    }
}

TEST(HdrEncoding, NeighboursGapsAndGreatCountsComeBack) {
  LatencyHistogram histogram = histogram_of({0, 1, 3, 3, 200, std::numeric_limits<std::int64_t>::max()});
  for (int i = 0; i < 40; ++i) histogram.merge(LatencyHistogram(histogram));
  const std::int64_t many = std::int64_t{1} << 40;
  EXPECT_THAT(decoded(hdr_encoding(histogram)), ElementsAre(Pair(0, many), Pair(1, many), Pair(3, 2 * many),
                                                            Pair(200, many), Pair(7295, many)));
}

TEST(HdrEncoding, AnEmptyOneHasNoCounts) {
  EXPECT_TRUE(decoded(hdr_encoding({})).empty());
}

TEST(HdrEncoding, IsDeflatedBehindACookieOfItsOwn) {
  const LatencyHistogram histogram = histogram_of({7, 1'000'000, 12'345'678});
  EXPECT_EQ(inflated(hdr_compressed(histogram)), hdr_encoding(histogram));
}

TEST(HdrEncoding, ItsCountsAreByteForByteThoseOfHdrHistogramJs) {
  // encodeIntoCompressedBase64() of version 3.0.1, two digits, up to an hour.
  constexpr std::string_view theirs =
      "HISTFAAAADJ4nJNpmSzMwMDAw8DAwMjAwMDEAAGMDAzMbgY7FjDA+ExMP5mZmD4ys9xXZAIAf/UGJw==";
  constexpr std::size_t header = 40;
  const LatencyHistogram ours = histogram_of({0, 1, 255, 256, 1000, 1000, 123'456'789});
  EXPECT_EQ(inflated(from_base64(theirs)).substr(header), hdr_encoding(ours).substr(header));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::map<std::int64_t, std::int64_t> counts_in(const std::string& line) {
  return decoded(inflated(from_base64(std::string_view(line).substr(line.rfind(',') + 1))));
}

TEST(HdrLog, EachIntervalHasWhatWasRecordedInItAlone) {
  std::ostringstream out;
  HdrLog log(out);
  Ledger ledger;
  ledger.from_intended.record(5'000'000);
  ledger.lateness.record(10);
  log.add(1, ledger);
  ledger.from_intended.record(2'000'000);
  ledger.from_intended.record(2'000'000);
  ledger.from_sent.record(3);
  log.add(2.25, ledger);
  const auto lines = lines_of(out.str());
  ASSERT_EQ(lines.size(), 10U);
  EXPECT_EQ(lines[0], "#[Histogram log format version 1.3]");
  EXPECT_THAT(lines[1], StartsWith("#[StartTime: "));
  EXPECT_THAT(lines[2], StartsWith("#[BaseTime: "));
  EXPECT_THAT(lines[4], StartsWith("Tag=intended,0.000,1.000,5.000,"));
  EXPECT_THAT(counts_in(lines[4]), ElementsAre(Pair(index_of(5'000'000), 1)));
  EXPECT_TRUE(counts_in(lines[5]).empty());
  EXPECT_THAT(lines[6], StartsWith("Tag=lateness,0.000,1.000,0.000,"));
  EXPECT_THAT(counts_in(lines[6]), ElementsAre(Pair(10, 1)));
  EXPECT_THAT(lines[7], StartsWith("Tag=intended,1.000,1.250,2.0")) << "to its bucket, which ends at 2.015";
  EXPECT_THAT(counts_in(lines[7]), ElementsAre(Pair(index_of(2'000'000), 2)));
  EXPECT_THAT(lines[8], StartsWith("Tag=sent,1.000,"));
  EXPECT_THAT(counts_in(lines[8]), ElementsAre(Pair(3, 1)));
  EXPECT_TRUE(counts_in(lines[9]).empty());
}

}  // namespace
}  // namespace soakline
