#include "harness/load_verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace soakline {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

RunResult passed() {
  RunResult result;
  result.verdict = Verdict::pass;
  return result;
}

TEST(LoadVerdict, OfALoadThatLostNothingSaysNothing) {
  for (const json& account :
       {json(), json{{"answered", 7}}, json{{"unexplained", 0}, {"invalid_because", json::array()}}}) {
    RunResult result = passed();
    apply_load(result, account);
    EXPECT_EQ(result.verdict, Verdict::pass);
    EXPECT_EQ(result.message, "");
    EXPECT_EQ(result.load, account);
  }
}

TEST(LoadVerdict, SaysWhatWasLostAndLeavesTheVerdict) {
  RunResult result = passed();
  result.message = "interrupted";
  apply_load(result,
             {{"unexplained", 3}, {"duplicated", 1}, {"deliveries", {{"duplicated", 1}, {"corrupted", 2}}}});
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(
      result.message,
      "interrupted; messages of the load: 3 unanswered or not delivered, and nobody knows why, 2 duplicated, "
      "2 corrupted");
}

TEST(LoadVerdict, OfALoadThatCannotBeBelievedIsInvalidUnlessTheRunFailed) {
  const json account = {{"invalid_because", {"it was late", "and more"}}};
  for (const Verdict verdict : {Verdict::pass, Verdict::inconclusive}) {
    RunResult result;
    result.verdict = verdict;
    apply_load(result, account);
    EXPECT_EQ(result.verdict, Verdict::invalid);
    EXPECT_THAT(result.message, AllOf(HasSubstr("cannot be believed"), HasSubstr("it was late")));
  }
  RunResult failed;
  failed.verdict = Verdict::fail;
  apply_load(failed, account);
  EXPECT_EQ(failed.verdict, Verdict::fail);
}

}  // namespace
}  // namespace soakline
