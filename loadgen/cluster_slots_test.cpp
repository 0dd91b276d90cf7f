#include "loadgen/cluster_slots.hpp"

#include <gtest/gtest.h>

#include <string>

namespace soakline {
namespace {

TEST(HashSlot, IsTheSpecificationsCrcOfTheKeyOrOfItsTag) {
  EXPECT_EQ(hash_slot("123456789"), 0x31c3U) << "the specification's own example";
  EXPECT_EQ(hash_slot(""), 0U);
  EXPECT_EQ(hash_slot("{user1000}.following"), hash_slot("user1000"));
  EXPECT_EQ(hash_slot("foo{bar}{zap}"), hash_slot("bar")) << "the first tag counts";
  EXPECT_EQ(hash_slot("foo{{bar}}zap"), hash_slot("{bar")) << "up to the first brace that closes";
  EXPECT_NE(hash_slot("foo{}{bar}"), hash_slot("bar")) << "an empty tag is none";
  EXPECT_NE(hash_slot("foo{bar"), hash_slot("bar"));
}

TEST(KeyOf, IsTheFirstArgumentSaveOfCommandsThatHaveItElsewhereOrNone) {
  EXPECT_EQ(key_of("*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n"), "key:1");
  EXPECT_EQ(key_of("*4\r\n$4\r\neval\r\n$8\r\nreturn 1\r\n$1\r\n1\r\n$2\r\nk1\r\n"), "k1");
  EXPECT_EQ(key_of("*3\r\n$7\r\nPUBLISH\r\n$6\r\norders\r\n$1\r\nx\r\n"), std::nullopt);
  EXPECT_EQ(key_of("*1\r\n$8\r\nDBSIZE99\r\n"), std::nullopt);
}

TEST(Redirection, NamesTheSlotAndTheNode) {
  const auto moved = parse_redirection("MOVED 3999 127.0.0.1:6381");
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->slot, 3999U);
  EXPECT_EQ(moved->node, (NodeName{"127.0.0.1", "6381"}));
  EXPECT_EQ(parse_redirection("ASK 1 ::1:7000")->node, (NodeName{"::1", "7000"}));
  EXPECT_TRUE(parse_redirection("ASK 1 :7000")->ask);
  for (const std::string other : {"ERR no", "MOVED 16384 a:1", "MOVED x a:1", "MOVED 1 a", "MOVED 1"})
    EXPECT_FALSE(parse_redirection(other)) << other;
}

TEST(SlotRanges, AreReadWithReplicasAndWhateverElseANodeSays) {
  const std::string master =
      "*4\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n*2\r\n$8\r\nhostname\r\n$1\r\nh\r\n";
  const std::string replica = "*3\r\n$9\r\n127.0.0.1\r\n:7002\r\n$2\r\nie\r\n";
  const std::string value = "*2\r\n*4\r\n:0\r\n:8191\r\n" + master + replica + "*3\r\n:8192\r\n:16383\r\n" +
                            "*3\r\n$0\r\n\r\n:7001\r\n$2\r\nif\r\n";
  const auto ranges = parse_slot_ranges(value);
  ASSERT_TRUE(ranges);
  ASSERT_EQ(ranges->size(), 2U);
  EXPECT_EQ((*ranges)[0].last, 8191U);
  EXPECT_EQ((*ranges)[0].node, (NodeName{"127.0.0.1", "7000"}));
  EXPECT_EQ((*ranges)[1].first, 8192U);
  EXPECT_EQ((*ranges)[1].node, (NodeName{"", "7001"}));
  const std::size_t needed = value.rfind("$2");  // the last node's id is not
  for (std::size_t size = 0; size < needed; ++size)
    EXPECT_FALSE(parse_slot_ranges(value.substr(0, size))) << size;
  EXPECT_FALSE(parse_slot_ranges("-ERR This instance has cluster support disabled\r\n"));
}

}  // namespace
}  // namespace soakline
