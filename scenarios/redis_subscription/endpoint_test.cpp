#include "scenarios/redis_subscription/endpoint.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace redis_subscription {
namespace {

std::string refusal(std::string_view text) {
  try {
    parse_endpoint(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Endpoint, reads_a_unix_socket) {
  EXPECT_EQ(parse_endpoint("unix:/run/redis.sock").socket_path, "/run/redis.sock");
}

TEST(Endpoint, reads_host_and_port_with_and_without_a_scheme) {
  const Endpoint expected{.socket_path = {}, .host = "localhost", .port = 6379};
  EXPECT_EQ(parse_endpoint("localhost:6379"), expected);
  EXPECT_EQ(parse_endpoint("redis://localhost:6379"), expected);
  EXPECT_EQ(parse_endpoint("redis://localhost:6379/"), expected);
}

TEST(Endpoint, is_written_as_it_is_read) {
  for (const auto* text : {"unix:/a b", "127.0.0.1:1", "[::1]:65535"}) {
    EXPECT_EQ(parse_endpoint(text).text(), text);
  }
  EXPECT_EQ(parse_endpoint("[::1]:7").host, "::1");
}

TEST(Endpoint, says_what_is_wrong_and_which_forms_there_are) {
  EXPECT_EQ(refusal("localhost"),
            "'localhost' is no redis address: the port is missing; write unix:PATH, HOST:PORT or "
            "redis://HOST:PORT");
  EXPECT_THAT(refusal("unix:"), testing::HasSubstr("path is missing"));
  EXPECT_THAT(refusal(":6379"), testing::HasSubstr("host is missing"));
  EXPECT_THAT(refusal("redis://:secret@h:1"), testing::HasSubstr("password is not supported"));
  EXPECT_THAT(refusal("unix:/" + std::string(200, 'x')), testing::HasSubstr("at most 107 bytes"));
  for (const auto* text : {"h:", "h:0", "h:65536", "h:6379x", "h:-1"}) {
    EXPECT_THAT(refusal(text), testing::HasSubstr("no number from 1 to 65535")) << text;
  }
}

}  // namespace
}  // namespace redis_subscription
