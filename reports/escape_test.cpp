#include "reports/escape.hpp"

#include <gtest/gtest.h>

#include "reports/invented_runs.hpp"

namespace soakline {
namespace {

TEST(Escape, ControlCharactersAreSpelledOut) {
  EXPECT_EQ(printable("a\x1b[31mb\n\t\x7f"), "a\\x1b[31mb\\n\\t\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b") << "C1 controls are control sequences too";
}

TEST(Escape, TextThatTurnsItsDirectionIsSpelledOut) {
  EXPECT_EQ(printable("a\u202eb"), "a\\u202eb");
}

TEST(Escape, BrokenUtf8IsSpelledOutAndGoodUtf8Stays) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc3("), "\\xc3(");
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "an overlong slash";
  EXPECT_EQ(printable("×500 → 日本 😀"), "×500 → 日本 😀");
}

TEST(Escape, LongTextsAreCutBetweenCharacters) {
  EXPECT_EQ(printable("××××", 2), "××…");
  EXPECT_EQ(cut_to("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to("××××", 4), "××××");
  EXPECT_EQ(columns_of(cut_to("××××××", 3)), 3U);
  EXPECT_EQ(cut_to("abc", 0), "");
}

TEST(Escape, MarkupLeavesNothingThatATagAnAttributeOrACdataEndCouldBe) {
  EXPECT_EQ(markup("<a href='x' b=\"y\">&]]>"), "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;]]&gt;");
  for (const char c : markup(hostile_text()))
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
}

TEST(Escape, MarkdownLeavesNoTableCellLinkOrMention) {
  EXPECT_EQ(markdown_text("a|b [x](y) @all `c` <i>\n"), "a\\|b \\[x\\](y) &#64;all \\`c\\` &lt;i&gt;\\\\n");
}

TEST(Escape, LabelsKeepTheirQuotesInside) {
  EXPECT_EQ(label_text("a\"b\\c\nd"), "a\\\"b\\\\c\\\\nd");
}

TEST(Escape, AbsolutePathsLoseTheirDirectories) {
  EXPECT_EQ(without_directories("/opt/x/bin/target --to unix:/tmp/a/r.sock"), "target --to unix:r.sock");
  EXPECT_EQ(without_directories("at '/src/a/b.cpp:41'"), "at 'b.cpp:41'");
  EXPECT_EQ(without_directories("{\"cwd\":\"/home/me/project\"}"), "{\"cwd\":\"project\"}");
}

TEST(Escape, WhatIsNoPathStays) {
  for (const char* text :
       {"90 MB/day", "/s", "http://localhost:8080/a/b", "<b></b>", "a / b", "relative/path", "//"})
    EXPECT_EQ(without_directories(text), text);
}

TEST(Folded, LongLinesGoOnIndentedAndAreBrokenAtSpaces) {
  EXPECT_EQ(folded("  memory       grows by like amounts, piece\nshort\n", 32),
            "  memory       grows by like\n               amounts, piece\nshort\n");
  EXPECT_EQ(folded("  memory       grows by like      amounts", 28),
            "  memory       grows by like\n               amounts")
      << "blanks at the break are gone";
  EXPECT_EQ(folded("fits", 4), "fits");
  EXPECT_EQ(folded(std::string(50, 'x'), 40), std::string(50, 'x')) << "what has no space stays whole";
}

TEST(Folded, ColoursTakeNoRoom) {
  const std::string line = "  memory       \x1b[1;31mFAIL\x1b[0m by like amounts";
  EXPECT_EQ(folded(line, 35), line);
  EXPECT_EQ(folded(line, 30), "  memory       \x1b[1;31mFAIL\x1b[0m by like\n               amounts");
}

}  // namespace
}  // namespace soakline
