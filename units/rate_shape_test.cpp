#include "units/rate_shape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "units/quantity.hpp"

namespace soakline {
namespace {

double mean_factor(const RateShape& shape) {
  double sum = 0, lasts_s = 0;
  for (const RatePiece& piece : shape.pieces) {
    sum += (piece.from + piece.to) / 2 * piece.lasts_s;
    lasts_s += piece.lasts_s;
  }
  return sum / lasts_s;
}

TEST(RateShape, BurstsAndDaysKeepTheRateAsTheirMean) {
  EXPECT_NEAR(mean_factor(parse_rate_shape("bursts:5s/1m")), 1, 1e-12);
  EXPECT_NEAR(mean_factor(parse_rate_shape("daily:10m")), 1, 1e-12);
}

TEST(RateShape, ADayHasItsLowAtTheBeginningAndItsHighAtTheMiddle) {
  const RateShape day = parse_rate_shape("daily:24h");
  EXPECT_NEAR(day.pieces.front().from, 0.2, 1e-12);
  EXPECT_NEAR(day.pieces[day.pieces.size() / 2].from, 1.8, 1e-12);
  EXPECT_NEAR(day.pieces.back().to, 0.2, 1e-12) << "one day follows on the other";
}

TEST(RateShape, ARampEndsInTheRateForEver) {
  const RateShape ramp = parse_rate_shape("ramp:30s");
  ASSERT_EQ(ramp.pieces.size(), 2U);
  EXPECT_EQ(ramp.pieces[0].lasts_s, 30);
  EXPECT_EQ(ramp.pieces[0].from, 0);
  EXPECT_EQ(ramp.pieces[0].to, 1);
  EXPECT_TRUE(std::isinf(ramp.pieces[1].lasts_s));
}

TEST(RateShape, StepsAreFactorsEachForATime) {
  const RateShape steps = parse_rate_shape("steps:0.5@1m,2@30s,0@10s");
  ASSERT_EQ(steps.pieces.size(), 3U);
  EXPECT_EQ(steps.pieces[1].lasts_s, 30);
  EXPECT_EQ(steps.pieces[1].from, 2);
  EXPECT_EQ(steps.pieces[1].to, 2);
}

TEST(RateShape, WhatIsNoShapeIsRefusedWithTheForms) {
  for (const std::string text : {"", "wavy", "ramp", "ramp:0s", "ramp:1", "steps:", "steps:1", "steps:x@1m",
                                 "steps:-1@1m", "steps:0@1m", "bursts:1m", "bursts:1m/1m", "daily:0s"}) {
    try {
      parse_rate_shape(text);
      ADD_FAILURE() << text;
    } catch (const QuantityError& error) {
      EXPECT_FALSE(std::string(error.what()).empty());
    }
  }
}

}  // namespace
}  // namespace soakline
