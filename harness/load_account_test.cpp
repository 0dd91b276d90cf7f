#include "harness/load_account.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace soakline {
namespace {

TEST(LoadAccount, KnowsNoOperationsBeforeItWasToldOfAny) {
  LoadAccount account;
  account.read("starting up");
  EXPECT_TRUE(std::isnan(account.operations()));
  EXPECT_EQ(account.last_words(), "starting up");
}

TEST(LoadAccount, JsonObjectsSayHowItStands) {
  LoadAccount account;
  EXPECT_TRUE(account.read(R"({"t": 1, "answered": 7, "failed": 2, "idle": true})"));
  EXPECT_EQ(account.operations(), 7);
  EXPECT_EQ(account.failures(), 2);
  EXPECT_TRUE(account.idle());
  account.read(R"({"answered": 9})");
  EXPECT_EQ(account.operations(), 9);
  EXPECT_EQ(account.failures(), 2);
}

TEST(LoadAccount, JsonOfAnotherKindChangesNothing) {
  LoadAccount account;
  for (const char* line : {R"({"answered": "many", "failed": null, "idle": 1})", "[1, 2]", "3", "{", ""})
    account.read(line);
  EXPECT_TRUE(std::isnan(account.operations()));
  EXPECT_EQ(account.failures(), 0);
  EXPECT_FALSE(account.idle());
}

TEST(LoadAccount, FailuresAloneMeanThatNothingWasAnswered) {
  LoadAccount account;
  account.read(R"({"failed": 3})");
  EXPECT_EQ(account.operations(), 0);
}

TEST(LoadAccount, TheFirstGroupOfAnExpressionIsTheNumberSoFar) {
  LoadAccount account("requests: (\\d+)");
  account.read("requests: 10, errors: 99");
  account.read("nothing new");
  EXPECT_EQ(account.operations(), 10);
  account.read("requests: 25");
  account.read("requests: 4 (slowest worker)");
  EXPECT_EQ(account.operations(), 25);
}

TEST(LoadAccount, WithoutAGroupEachLineThatMatchesIsOneOperation) {
  LoadAccount account("^done");
  for (const char* line : {"done 1", "not done", "done 2"}) account.read(line);
  EXPECT_EQ(account.operations(), 2);
}

}  // namespace
}  // namespace soakline
