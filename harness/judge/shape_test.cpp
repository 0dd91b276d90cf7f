#include "harness/judge/shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace soakline {
namespace {

GrowthCurve curve_of(const std::function<double(double)>& value) {
  GrowthCurve curve;
  for (int i = 0; i < 200; ++i) {
    const double time_s = 360 + 30.0 * i;
    curve.points.push_back({time_s, value(time_s) + 5e3 * std::sin(1.7 * i)});  // an allocator's noise
  }
  curve.least_rise = 3e5;
  curve.least_tooth = 131'072;
  curve.slow_per_s = 50;
  return curve;
}

Shape shape_of(const std::function<double(double)>& value) {
  const auto form = form_of(curve_of(value));
  EXPECT_TRUE(form);
  return form ? form->shape : Shape::flat;
}

TEST(Shape, IsAWordForEachForm) {
  EXPECT_EQ(shape_of([](double) { return 5e6; }), Shape::flat);
  EXPECT_EQ(shape_of([](double t) { return 5e6 + 1000 * t; }), Shape::linear);
  EXPECT_EQ(shape_of([](double t) { return 5e6 + 0.2 * t * t; }), Shape::accelerating);
  EXPECT_EQ(shape_of([](double t) { return t < 3000 ? 5e6 : 9e6; }), Shape::step);
  EXPECT_EQ(shape_of([](double t) { return 5e6 - 4e6 * std::exp(-t / 900); }), Shape::warming_up);
  EXPECT_EQ(shape_of([](double t) { return 5e6 + 2e3 * std::fmod(t, 600); }), Shape::sawtooth);
}

TEST(Shape, WhatShrinksOrBarelyGrowsIsFlat) {
  EXPECT_EQ(shape_of([](double t) { return 9e6 - 1000 * t; }), Shape::flat);
  EXPECT_EQ(shape_of([](double t) { return 5e6 + 20 * t; }), Shape::flat);
}

TEST(Shape, FollowsTheOperationsWhereTheLoadStoppedForAWhile) {
  const auto done = [](double t) { return t < 2500 ? 3 * t : t < 4500 ? 7500 : 7500 + 3 * (t - 4500); };
  GrowthCurve curve = curve_of([&](double t) { return 5e6 + 400 * done(t); });
  for (const Point& point : curve.points) curve.operations.push_back(done(point.time_s));
  EXPECT_EQ(form_of(curve)->shape, Shape::per_operation);
}

TEST(Shape, OfWhatFillsItTellsWhenItIsFull) {
  const auto form = form_of(curve_of([](double t) { return 5e6 - 4e6 * std::exp(-t / 900); }));
  ASSERT_TRUE(form && form->full_s);
  EXPECT_NEAR(*form->full_s, 900 * std::log(4e6 / 900 / 50), 500);  // where its slope is 50 a second
}

TEST(Shape, OfTooLittleIsNothing) {
  EXPECT_FALSE(form_of({}));
}

}  // namespace
}  // namespace soakline
