#include "loadgen/stamp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "loadgen/crc32c.hpp"

namespace soakline {
namespace {

std::string stamped(const Stamp& stamp, std::size_t size) {
  std::string payload(size, 'x');
  write_stamp(stamp, payload.data(), crc_of_filler(payload));
  return payload;
}

// RFC 3720, B.4.
TEST(Crc32c, HasTheValuesOfItsStandardWithTheInstructionAndWithout) {
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  for (const auto crc : {crc32c, crc32c_portable}) {
    EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8a9136aaU);
    EXPECT_EQ(crc(std::string(32, '\xff'), 0), 0x62a8ab43U);
    EXPECT_EQ(crc(ascending, 0), 0x46dd794eU);
    for (std::size_t cut = 0; cut <= ascending.size(); ++cut)
      EXPECT_EQ(crc(ascending.substr(cut), crc(ascending.substr(0, cut), 0)), 0x46dd794eU) << cut;
  }
}

TEST(Stamp, StandsAsDigitsAtTheFrontOfItsPayload) {
  const std::string payload = stamped({0x1f, 0xabcdef, 0x123456789}, 44);
  EXPECT_EQ(payload.substr(0, 32), "001f000000abcdef0000000123456789");
  EXPECT_THAT(payload.substr(32, 8), testing::MatchesRegex("[0-9a-f]{8}"));
  EXPECT_EQ(payload.substr(40), "xxxx");
}

TEST(Stamp, IsReadBackAsItWasWritten) {
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{0xffff'ffff'ffff}})
    for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{1} << 62, std::int64_t{-5}}) {
      const auto stamp = read_stamp(stamped({0xfedc, sequence, ns}, 41));
      ASSERT_TRUE(stamp);
      EXPECT_EQ(stamp->publisher, 0xfedc);
      EXPECT_EQ(stamp->sequence, sequence);
      EXPECT_EQ(stamp->intended_ns, ns);
    }
}

TEST(Stamp, OfAPayloadWithAnyBitTurnedIsNotRead) {
  std::string payload = stamped({1, 2, 3}, 77);
  for (std::size_t bit = 0; bit < 8 * payload.size(); ++bit) {
    payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(read_stamp(payload)) << bit;
    payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ 1 << bit % 8);
  }
  EXPECT_TRUE(read_stamp(payload));
  EXPECT_FALSE(read_stamp(payload.substr(0, 76))) << "cut short";
  EXPECT_FALSE(read_stamp(payload.substr(0, 39)));
}

}  // namespace
}  // namespace soakline
