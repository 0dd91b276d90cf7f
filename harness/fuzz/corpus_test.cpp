#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "harness/fuzz/entries.hpp"

namespace soakline {
namespace {

struct Replayed {
  int accepted = 0, refused = 0;
};

// Every file of a folder of the corpus, through the function that the fuzzer calls.
Replayed replay(const char* folder, bool (*entry)(std::string_view)) {
  Replayed replayed;
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path(SOAKLINE_CORPUS) / folder)) {
    SCOPED_TRACE(file.path().filename());
    std::ifstream input(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(input), {}};
    bool accepted = false;
    EXPECT_NO_THROW(accepted = entry(text));
    ++(accepted ? replayed.accepted : replayed.refused);
  }
  return replayed;
}

TEST(Corpus, OfSamplesIsJudgedOrRefused) {
  const Replayed samples = replay("samples", judge_samples);
  EXPECT_GT(samples.accepted, 0);
  EXPECT_GT(samples.refused, 0);
}

TEST(Corpus, OfScenariosIsReadOrRefused) {
  const Replayed scenarios = replay("scenario", read_scenario);
  EXPECT_GT(scenarios.accepted, 0);
  EXPECT_GT(scenarios.refused, 0);
}

}  // namespace
}  // namespace soakline
