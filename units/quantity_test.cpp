#include "units/quantity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace soakline {
namespace {

TEST(Quantity, DurationsReadAsPeopleWriteThem) {
  EXPECT_DOUBLE_EQ(parse_duration("8.6s"), 8.6);
  EXPECT_DOUBLE_EQ(parse_duration("250 ms"), 0.25);
  EXPECT_DOUBLE_EQ(parse_duration("1h30m"), 5400);
  EXPECT_DOUBLE_EQ(parse_duration("2h"), 7200);
}

TEST(Quantity, ADurationWithoutAUnitIsRefusedWithAnExample) {
  for (const char* text : {"20", "20 parsecs", "", "s", "-3s", "nan s", "1e400s", "1h30"}) {
    try {
      parse_duration(text);
      ADD_FAILURE() << text;
    } catch (const QuantityError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("write it like"));
    }
  }
}

TEST(Quantity, RatesAndDriftsAreReadPerSecondAndPerDay) {
  EXPECT_DOUBLE_EQ(parse_rate("58k/day"), 58'000 / 86'400.0);
  EXPECT_DOUBLE_EQ(parse_rate("20k/s"), 20'000);
  EXPECT_DOUBLE_EQ(parse_byte_drift("90 MB/day"), 90e6);
  EXPECT_NEAR(parse_byte_drift("1 KiB/s"), 1024 * 86'400.0, 1e-6);
  EXPECT_DOUBLE_EQ(parse_count_drift("24/day"), 24);
  EXPECT_THROW(parse_byte_drift("90 MB"), QuantityError);
  EXPECT_THROW(parse_rate("fast"), QuantityError);
}

TEST(Quantity, AByteRangeTakesTheUnitOfItsEnd) {
  EXPECT_EQ(parse_byte_range("64..512 B").least, 64U);
  EXPECT_EQ(parse_byte_range("64..512 B").most, 512U);
  EXPECT_EQ(parse_byte_range("1..4 KiB").least, 1024U);
  EXPECT_EQ(parse_byte_range("100").most, 100U);
  EXPECT_THROW(parse_byte_range("512..64 B"), QuantityError);
}

TEST(Quantity, SpansOfTime) {
  EXPECT_DOUBLE_EQ(parse_time_span("90s..1h30m").from_s, 90);
  EXPECT_DOUBLE_EQ(parse_time_span("90s..1h30m").until_s, 5400);
  EXPECT_THROW(parse_time_span("80m..40m"), QuantityError);
  EXPECT_THROW(parse_time_span("40m"), QuantityError);
  EXPECT_THROW(parse_time_span("40..80m"), QuantityError);
}

TEST(Quantity, WhatNoIntegerHoldsIsRefused) {
  EXPECT_THROW(parse_byte_range("99999999999 GiB"), QuantityError);
  EXPECT_THROW(parse_byte_range("1..99999999999 GiB"), QuantityError);
  EXPECT_THROW(parse_duration("99999999999999999999d"), QuantityError);
  EXPECT_THROW(parse_rate("99999999999999999999/s"), QuantityError);
}

TEST(Quantity, NumbersAreShownWithThreeDigits) {
  EXPECT_EQ(format_bytes(91'234'000), "91.2 MB");
  EXPECT_EQ(format_bytes(-1500), "-1.5 kB");
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999'600), "1 MB");
  EXPECT_EQ(format_count(58'000), "58k");
  EXPECT_EQ(format_duration(190), "3m10s");
  EXPECT_EQ(format_duration(7200), "2h");
  EXPECT_DOUBLE_EQ(parse_duration(format_duration(0.5)), 0.5);
}

}  // namespace
}  // namespace soakline
