// soakline-load over TLS, against a real redis-server and a CA made for the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loadgen/testing/free_port.hpp"
#include "loadgen/testing/load_process.hpp"
#include "loadgen/testing/redis_server.hpp"

namespace soakline {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A CA, and certificates of its own for any host.
class Authority {
 public:
  Authority() { make("ca", "/CN=an authority of a test", {}); }

  std::string file(const std::string& name) const { return (folder_.path / name).string(); }
  void issue(const std::string& name, const std::string& host) const {
    make(name, "/CN=" + name,
         {"-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-addext", "subjectAltName=" + host});
  }

 private:
  void make(const std::string& name, const std::string& subject, const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"openssl",
                                      "req",
                                      "-x509",
                                      "-newkey",
                                      "ec",
                                      "-pkeyopt",
                                      "ec_paramgen_curve:prime256v1",
                                      "-nodes",
                                      "-days",
                                      "2",
                                      "-subj",
                                      subject,
                                      "-keyout",
                                      file(name + ".key"),
                                      "-out",
                                      file(name + ".crt")};
    words.insert(words.end(), more.begin(), more.end());
    const auto ended = ChildProcess(words).wait();
    if (ended.exit_code != 0) throw std::runtime_error("openssl: " + ended.errors);
  }

  TemporaryFolder folder_;
};

class TlsTest : public testing::Test {
 protected:
  TlsTest() { authority.issue("server", "IP:127.0.0.1"); }

  RedisServer server(const std::string& asks_for_certificate = "no") const {
    return RedisServer({"--tls-port", port, "--bind", "127.0.0.1", "--tls-cert-file",
                        authority.file("server.crt"), "--tls-key-file", authority.file("server.key"),
                        "--tls-ca-cert-file", authority.file("ca.crt"), "--tls-auth-clients",
                        asks_for_certificate});
  }
  ChildProcess::Ended load(std::vector<std::string> more) const {
    std::vector<std::string> words = {"redis",  "--to", "127.0.0.1:" + port, "--tls", "--json",
                                      "--time", "300ms"};
    words.insert(words.end(), more.begin(), more.end());
    return ChildProcess(command(words)).wait();
  }

  Authority authority;
  std::string port = free_port();
};

TEST_F(TlsTest, EveryMessageIsAnsweredAndDeliveredAsWithoutTls) {
  const RedisServer redis = server();
  const auto ended = load({"--tls-ca", authority.file("ca.crt"), "--rate", "2k/s", "--connections", "3",
                           "--subscribers", "2", "--payload", "64..20000B"});
  ASSERT_EQ(ended.exit_code, 0) << ended.errors;
  const json result = json::parse(ended.last_line);
  expect_balanced(result);
  EXPECT_EQ(result.at("answered"), 600) << ended.errors;
  EXPECT_EQ(result.at("failed"), 0);
}

TEST_F(TlsTest, AServerThatIsKilledAndComesBackIsLoadedAgain) {
  RedisServer redis = server();
  RunningLoad running("127.0.0.1:" + port, {"--tls", "--tls-ca", authority.file("ca.crt"), "--rate", "2k/s",
                                            "--connections", "3", "--time", "60s"});
  running.until([](const json& line) { return line.at("answered") > 100; });
  redis.kill_it();
  const json gone =
      running.until([](const json& line) { return line.at("offered") > line.at("sent").get<int>() + 50; });
  redis.start();
  running.until([&](const json& line) { return line.at("answered") > gone.at("offered").get<int>() + 50; });
  running.process().send(SIGTERM);
  expect_balanced(json::parse(running.process().wait().last_line));
}

TEST_F(TlsTest, OurOwnCertificateIsShownToAServerThatAsksForIt) {
  authority.issue("client", "DNS:client");
  const RedisServer redis = server("yes");
  const auto unknown = load({"--tls-ca", authority.file("ca.crt"), "--closed", "1"});
  EXPECT_EQ(unknown.exit_code, 4);
  EXPECT_THAT(unknown.errors, HasSubstr("certificate required"));
  const auto known = load({"--tls-ca", authority.file("ca.crt"), "--tls-cert", authority.file("client.crt"),
                           "--tls-key", authority.file("client.key"), "--closed", "1"});
  EXPECT_EQ(known.exit_code, 0) << known.errors;
}

TEST_F(TlsTest, ACertificateThatNoTrustedAuthorityIssuedEndsItUnlessSaidOtherwise) {
  const RedisServer redis = server();
  const auto untrusted = load({"--closed", "1"});
  EXPECT_EQ(untrusted.exit_code, 4);
  EXPECT_THAT(untrusted.errors, AllOf(HasSubstr("not to be trusted"), HasSubstr("--tls-ca")));
  EXPECT_EQ(load({"--closed", "1", "--tls-insecure"}).exit_code, 0);
}

TEST_F(TlsTest, ACertificateOfAnotherHostEndsIt) {
  authority.issue("server", "DNS:elsewhere.test");
  const RedisServer redis = server();
  const auto ended = load({"--closed", "1", "--tls-ca", authority.file("ca.crt")});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.errors, HasSubstr("IP address mismatch"));
}

TEST_F(TlsTest, AServerThatSpeaksNoTlsIsSaidToDoSo) {
  const RedisServer redis({"--port", port, "--bind", "127.0.0.1"});
  const auto ended = load({"--closed", "1", "--tls-insecure"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.errors, AllOf(HasSubstr("does not answer in TLS"), HasSubstr("leave out --tls")));
}

TEST_F(TlsTest, AMistakeInTheFlagsOfTlsIsNamedWithItsFix) {
  EXPECT_THAT(load({"--closed", "1", "--tls-ca", "/nowhere"}).errors,
              HasSubstr("--tls-ca: '/nowhere' cannot"));
  EXPECT_THAT(load({"--closed", "1", "--tls-cert", authority.file("ca.crt")}).errors, HasSubstr("give both"));
  EXPECT_THAT(load({"--closed", "1", "--tls-cert", authority.file("ca.crt"), "--tls-key",
                    authority.file("server.key")})
                  .errors,
              HasSubstr("--tls-key: '"));
  const auto ended =
      ChildProcess(command({"redis", "--to", "a:1", "--closed", "1", "--tls-insecure"})).wait();
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors, HasSubstr("--tls-insecure goes with --tls"));
}

}  // namespace
}  // namespace soakline
