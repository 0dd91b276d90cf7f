#include "units/storm_plan.hpp"

#include <gtest/gtest.h>

#include "units/quantity.hpp"

namespace soakline {
namespace {

TEST(StormPlan, IsReadWithAndWithoutAPeriod) {
  const StormPlan again = parse_storm_plan("1000@30s/5m");
  EXPECT_EQ(again.devices, 1000U);
  EXPECT_EQ(again.first_s, 30);
  EXPECT_EQ(again.period_s, 300);
  EXPECT_EQ(parse_storm_plan("7@1h").period_s, 0);
  for (const char* wrong :
       {"", "1000", "@30s", "0@30s", "-1@30s", "many@30s", "10@", "10@30", "10@30s/", "10@30s/0s"})
    EXPECT_THROW(parse_storm_plan(wrong), QuantityError) << wrong;
}

}  // namespace
}  // namespace soakline
