#include "scenarios/redis_subscription/hash_slot.hpp"

#include <gtest/gtest.h>

namespace redis_subscription {
namespace {

const Endpoint asked{.socket_path = {}, .host = "10.0.0.1", .port = 7000};

TEST(HashSlot, of_a_key_is_its_crc16) {
  EXPECT_EQ(hash_slot("123456789"), 0x31c3);  // the check value of CRC16/XMODEM
  EXPECT_EQ(hash_slot("foo"), 12182);         // as CLUSTER KEYSLOT says
}

TEST(HashSlot, of_keys_with_one_tag_is_the_same) {
  EXPECT_EQ(hash_slot("{user}.a"), hash_slot("b.{user}"));
  EXPECT_EQ(hash_slot("{user}"), hash_slot("user"));
  EXPECT_NE(hash_slot("{}a"), hash_slot("{}b"));
  EXPECT_NE(hash_slot("{open"), hash_slot("open"));
}

TEST(MovedReply, names_slot_and_node) {
  const auto moved = parse_moved("MOVED 3999 127.0.0.1:6381", asked);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to.text(), "127.0.0.1:6381");
}

TEST(MovedReply, without_a_host_means_the_host_that_was_asked) {
  const auto moved = parse_moved("MOVED 1 :6381", asked);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->to.text(), "10.0.0.1:6381");
}

TEST(MovedReply, is_none_of_the_other_errors) {
  for (const auto* error : {"ERR unknown command", "ASK 1 h:1", "MOVED", "MOVED x h:1", "MOVED 16384 h:1",
                            "MOVED 1 h", "MOVED 1", ""}) {
    EXPECT_FALSE(parse_moved(error, asked)) << error;
  }
}

}  // namespace
}  // namespace redis_subscription
