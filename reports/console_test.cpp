#include "reports/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "reports/escape.hpp"
#include "reports/invented_runs.hpp"

namespace soakline {
namespace {

using testing::HasSubstr;
using testing::Not;

// What a terminal would show: knows the few sequences that the console may use and fails on any other.
std::vector<std::string> screen_after(const std::string& bytes) {
  std::vector<std::string> lines = {""};
  std::size_t row = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') {
      if (++row == lines.size()) lines.emplace_back();
    } else if (bytes[i] == '\r') {
      EXPECT_TRUE(i + 1 < bytes.size() && bytes[i + 1] == '\x1b') << "a return that overwrites";
    } else if (bytes[i] != '\x1b') {
      lines[row] += bytes[i];
    } else {
      const std::size_t end = bytes.find_first_of("AJmhl", i);
      const std::string arguments = bytes.substr(i + 2, end - i - 2);
      if (bytes[end] == 'A') row -= std::min(row, static_cast<std::size_t>(std::stoi(arguments)));
      if (bytes[end] == 'J') lines.resize(row + 1), lines[row].clear();
      i = end;
    }
  }
  return lines;
}

std::size_t occurrences(const std::vector<std::string>& lines, const std::string& text) {
  std::size_t count = 0;
  for (const std::string& line : lines) count += line.find(text) != std::string::npos;
  return count;
}

ConsoleOptions terminal(int columns, int rows = 40) {
  ConsoleOptions options;
  options.terminal = true;
  options.size = [=] { return ScreenSize{columns, rows}; };
  // Every call is a second later, so that each is drawn.
  options.now = [time = std::chrono::steady_clock::time_point()]() mutable {
    return time += std::chrono::seconds(1);
  };
  return options;
}

Sample sample_at(double time_s) {
  Sample sample;
  sample.time_s = time_s;
  sample.rss_bytes = 34.2e6;
  sample.threads = 8;
  sample.descriptors = 23;
  return sample;
}

TEST(Console, ATerminalShowsEachRunOnceHoweverOftenItIsRedrawn) {
  std::ostringstream out;
  ConsoleReport console(out, terminal(100));
  const RecordedRun one = flat_run(), two = leaking_control();
  for (const RecordedRun* run : {&one, &two}) console.on_start(run->info);
  for (int t = 0; t < 50; ++t)
    for (const RecordedRun* run : {&one, &two}) console.on_sample(run->info, sample_at(t));
  console.on_look(two.info, 60, two.result->metrics);
  const auto screen = screen_after(out.str());
  EXPECT_EQ(occurrences(screen, "(once)"), 1U);
  EXPECT_EQ(occurrences(screen, "(per-access)"), 1U);
  EXPECT_EQ(occurrences(screen, "+91.2 MB/day [86.0, 96.4]  limit 90"), 1U);
  EXPECT_EQ(occurrences(screen, "49s of 4m, at most 3m11s left"), 2U);
}

TEST(Console, AVerdictStaysAboveTheRunsThatGoOn) {
  std::ostringstream out;
  ConsoleReport console(out, terminal(100));
  const RecordedRun one = flat_run(), two = leaking_control();
  console.on_start(one.info);
  console.on_start(two.info);
  console.on_verdict(two.info, *two.result);
  console.on_sample(one.info, sample_at(1));
  const auto screen = screen_after(out.str());
  EXPECT_THAT(screen.front(), testing::StartsWith("FAIL  redis-subscription (per-access)"));
  EXPECT_EQ(occurrences(screen, "(per-access)"), 1U);
  EXPECT_EQ(occurrences(screen, "(once)"), 1U);
}

TEST(Console, NoLineIsWiderThanTheTerminal) {
  for (const int columns : {60, 80, 200}) {
    std::ostringstream out;
    ConsoleReport console(out, terminal(columns));
    RecordedRun run = with_hostile_texts(leaking_control());
    console.on_start(run.info);
    console.on_sample(run.info, sample_at(100));
    console.on_look(run.info, 100, run.result->metrics);
    for (const std::string& line : screen_after(out.str()))
      EXPECT_LT(columns_of(line), static_cast<std::size_t>(columns)) << line;
  }
}

TEST(Console, MoreRunsThanLinesAreShownAsTitles) {
  std::ostringstream out;
  ConsoleReport console(out, terminal(80, 6));
  for (int i = 0; i < 9; ++i) {
    RecordedRun run = flat_run();
    run.info.variant = std::to_string(i);
    console.on_start(run.info);
  }
  const auto screen = screen_after(out.str());
  EXPECT_LE(screen.size(), 6U);
  EXPECT_EQ(occurrences(screen, "and 5 more"), 1U);
}

TEST(Console, WithoutATerminalThereIsALineAMinuteAndNoEscape) {
  std::ostringstream out;
  ConsoleReport console(out);
  const RecordedRun run = leaking_control();
  console.on_start(run.info);
  for (int t = 0; t < 190; ++t) console.on_sample(run.info, sample_at(t));
  console.on_look(run.info, 190, run.result->metrics);
  console.on_sample(run.info, sample_at(240));
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 3 + 1) << text;
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("memory 34.2 MB FAIL (+91.2 MB/day [86.0, 96.4]  limit 90)"));
}

TEST(Console, QuietSaysOnlyTheVerdict) {
  std::ostringstream out;
  ConsoleOptions options = terminal(100);
  options.quiet = true;
  ConsoleReport console(out, options);
  const RecordedRun run = leaking_control();
  console.on_start(run.info);
  for (int t = 0; t < 190; ++t) console.on_sample(run.info, sample_at(t));
  console.note("nobody wants to know");
  EXPECT_EQ(out.str(), "");
  console.on_verdict(run.info, *run.result);
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(Console, WhatIsLeftOfARunWithoutVerdictIsClearedAtTheEnd) {
  std::ostringstream out;
  {
    ConsoleReport console(out, terminal(80));
    console.on_start(flat_run().info);
    EXPECT_EQ(occurrences(screen_after(out.str()), "(once)"), 1U);
  }
  EXPECT_EQ(occurrences(screen_after(out.str()), "(once)"), 0U);
}

TEST(Console, RunsSideBySideMayReportAtATime) {
  std::ostringstream out;
  ConsoleOptions options = terminal(100);
  ConsoleReport console(out, options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&console, i] {
      RecordedRun run = flat_run();
      run.info.variant = "v" + std::to_string(i);
      console.on_start(run.info);
      for (int t = 0; t < 100; ++t) console.on_sample(run.info, sample_at(t));
      console.on_look(run.info, 100, run.result->metrics);
      console.on_verdict(run.info, *run.result);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(occurrences(screen_after(out.str()), "PASS"), 4U);
}

TEST(Console, AFileIsNoTerminal) {
  FILE* file = std::tmpfile();
  EXPECT_FALSE(console_options_for(fileno(file), false).terminal);
  std::fclose(file);
}

}  // namespace
}  // namespace soakline
