#include "harness/symbols.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

namespace soakline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(ShortName, LeavesOutArgumentsTemplatesAndReturnTypes) {
  EXPECT_EQ(short_name("f(int, std::vector<int>)"), "f");
  EXPECT_EQ(short_name("void n::f<int, std::map<int, n::T<3> > >(int)"), "n::f");
  EXPECT_EQ(short_name("n::C<int>::method(char) const"), "n::C::method");
  EXPECT_EQ(short_name("n::(anonymous namespace)::f()"), "n::f");
  EXPECT_EQ(short_name("n::operator<<(std::ostream&, int)"), "n::operator<<");
  EXPECT_EQ(short_name("n::f(int)::{lambda(char)#1}::operator()(char) const"),
            "n::f::{lambda#1}::operator()");
  EXPECT_EQ(short_name("main"), "main");
}

TEST(Symbols, NameAFunctionWithItsFileAndLine) {
  Symbols symbols(getpid());
  const auto code = reinterpret_cast<std::uint64_t>(&short_name) + 5;
  EXPECT_THAT(symbols.names(code).back().text, StartsWith("soakline::short_name  symbols.cpp:"));
}

TEST(Symbols, SayTheNumberOfWhatNobodyKnows) {
  Symbols symbols(getpid());
  EXPECT_EQ(symbols.names(16).at(0).text, "0x10");
}

// A stack of this very thread, from a function that calls another.
[[gnu::noinline]] std::vector<std::uint64_t> own_stack(Symbols& symbols) {
  const auto* frame = static_cast<const std::uint64_t*>(__builtin_frame_address(0));
  const auto* bytes = reinterpret_cast<const char*>(frame + 2);
  return symbols.unwind({frame[1], reinterpret_cast<std::uint64_t>(bytes), frame[0], {bytes, 2048}});
}

[[gnu::noinline]] std::vector<std::uint64_t> named_caller(Symbols& symbols) {
  auto found = own_stack(symbols);
  found.reserve(found.size() + 1);  // so that it is no tail call
  return found;
}

TEST(Symbols, UnwindACopyOfAStack) {
  Symbols symbols(getpid());
  const auto frames = named_caller(symbols);
  ASSERT_GE(frames.size(), 2U);
  EXPECT_THAT(symbols.names(frames[0]).back().text, HasSubstr("named_caller  symbols_test.cpp:"));
  EXPECT_THAT(symbols.names(frames[1]).back().text, HasSubstr("TestBody  symbols_test.cpp:"));
}

}  // namespace
}  // namespace soakline
