#include "loadgen/http_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "loadgen/http_target.hpp"
#include "loadgen/message_stream.hpp"

namespace soakline {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

LoadPlan http_plan(std::vector<WeightedRequest> requests) {
  LoadPlan plan;
  plan.kind = LoadKind::http;
  plan.http.host = "example:80";
  plan.http.requests = std::move(requests);
  plan.payload = {4, 4};
  return plan;
}

std::string next_of(MessageStream& stream) {
  std::string message;
  stream.append_next(message, {});
  return message;
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(HttpRequests, HaveTheHeadersThatWereGivenAndNoLengthWithoutABody) {
  LoadPlan plan = http_plan({{1, "GET", "/orders?x={uniform:1}", ""}});
  plan.http.headers = {{"Accept", "text/plain"}, {"Host", "other"}};
  plan.http.close = true;
  EXPECT_EQ(next_of(*make_message_stream(plan)),
            "GET /orders?x=0 HTTP/1.1\r\nUser-Agent: soakline-load\r\nConnection: close\r\n"
            "Accept: text/plain\r\nHost: other\r\n\r\n");
}

TEST(HttpRequests, ABodyIsAsLongAsItSays) {
  const auto stream = make_message_stream(http_plan({{1, "POST", "/", "{{{payload}}}"}}));
  EXPECT_THAT(next_of(*stream), EndsWith("Content-Length: 6\r\n\r\n{0000}"));
  EXPECT_THAT(next_of(*stream), EndsWith("Content-Length: 6\r\n\r\n{0001}"));
  EXPECT_THAT(next_of(*make_message_stream(http_plan({{1, "POST", "/", ""}}))),
              EndsWith("Content-Length: 0\r\n\r\n"));
}

TEST(HttpRequests, OfAMixComeAsOftenAsTheirWeightsSay) {
  const auto stream = make_message_stream(http_plan({{3, "GET", "/", ""}, {1, "DELETE", "/", ""}}));
  int gets = 0;
  for (int i = 0; i < 4000; ++i) gets += next_of(*stream).starts_with("GET");
  EXPECT_NEAR(gets, 3000, 120);
}

TEST(HttpRequests, AreReadFromOneLine) {
  const WeightedRequest request = parse_request("2.5:POST /orders/{uniform:9} {\"a\": 1}");
  EXPECT_EQ(request.weight, 2.5);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/orders/{uniform:9}");
  EXPECT_EQ(request.body, "{\"a\": 1}");
  EXPECT_EQ(parse_request("GET /a:b").weight, 1);
}

TEST(HttpRequests, ThatWouldBreakTheProtocolAreRefused) {
  const auto request = [](const char* text) { return refusal([&] { parse_request(text); }); };
  EXPECT_THAT(request("FETCH /"), HasSubstr("is no method"));
  EXPECT_THAT(request("CONNECT /"), HasSubstr("is no method"));
  EXPECT_THAT(request("GET orders"), HasSubstr("begins with /"));
  EXPECT_THAT(request("GET /a\r\nX:y"), HasSubstr("is no path"));
  EXPECT_THAT(request("0:GET /"), HasSubstr("no weight above 0"));
  const auto header = [](const char* text) { return refusal([&] { parse_header(text); }); };
  EXPECT_THAT(header("Accept"), HasSubstr("'Name: value'"));
  EXPECT_THAT(header("A b: c"), HasSubstr("is no header"));
  EXPECT_THAT(header("A: b\r\nC: d"), HasSubstr("line end"));
  EXPECT_THAT(header("content-length: 7"), HasSubstr("the body decides it"));
  EXPECT_THAT(header("Connection: close"), HasSubstr("--close"));
}

TEST(HttpTarget, IsAnAddressAHostAndAPath) {
  const HttpTarget target = parse_http_target("http://[::1]:8080/a/b?c#d");
  EXPECT_EQ(target.address.host, "::1");
  EXPECT_EQ(target.address.port, "8080");
  EXPECT_EQ(target.host, "[::1]:8080");
  EXPECT_EQ(target.path, "/a/b?c");
  EXPECT_EQ(parse_http_target("http://example").address.port, "80");
  EXPECT_EQ(parse_http_target("http://example").host, "example");
  EXPECT_EQ(parse_http_target("http://example?q").path, "/?q");
  EXPECT_EQ(parse_http_target("localhost:81").address.port, "81");
  EXPECT_EQ(parse_http_target("unix:/tmp/s").address.unix_path, "/tmp/s");
}

TEST(HttpTarget, ThatCannotBeReachedIsRefusedWithAFix) {
  const auto target = [](const char* text) { return refusal([&] { parse_http_target(text); }); };
  EXPECT_THAT(target("https://example"), HasSubstr("needs TLS"));
  EXPECT_THAT(target("redis://example"), HasSubstr("URL of another kind"));
  EXPECT_THAT(target("http://me@example"), HasSubstr("--header"));
  EXPECT_THAT(target("http:///x"), HasSubstr("write http://HOST:PORT/PATH"));
  EXPECT_THAT(target("http://example:0"), HasSubstr("names no server"));
}

}  // namespace
}  // namespace soakline
