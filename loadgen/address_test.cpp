#include "loadgen/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace soakline {
namespace {

TEST(Address, IsReadInAllItsForms) {
  EXPECT_EQ(parse_address("unix:/run/a.sock").unix_path, "/run/a.sock");
  EXPECT_EQ(parse_address("localhost:7000").host, "localhost");
  EXPECT_EQ(parse_address("localhost:7000").port, "7000");
  EXPECT_EQ(parse_address("[::1]:7000").host, "::1");
  EXPECT_EQ(parse_address("[::1]:7000").port, "7000");
  EXPECT_EQ(parse_address("redis://db").port, "6379");
  EXPECT_EQ(parse_address("redis://db:7/0").port, "7");
}

TEST(Address, WhatCannotBeReadIsRefusedWithTheForms) {
  for (const auto& text :
       {std::string(""), std::string("localhost"), std::string(":80"), std::string("a:0"),
        std::string("a:70000"), std::string("a:1x"), std::string("[::1]"), std::string("[::1]x:1"),
        std::string("::1:80"), std::string("unix:"), "unix:/" + std::string(107, 'a'),
        std::string("http://a:80"), std::string("redis://me:secret@a:1"), std::string("redis://a:1/3")}) {
    try {
      parse_address(text);
      ADD_FAILURE() << text;
    } catch (const AddressError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("write unix:PATH, HOST:PORT"));
    }
  }
}

}  // namespace
}  // namespace soakline
