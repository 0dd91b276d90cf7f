// The real proxy between a test's client and an echo: each fault as a client meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "loadgen/testing/byte_server.hpp"
#include "loadgen/testing/child_process.hpp"
#include "loadgen/testing/wait_until.hpp"

namespace soakline {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// A connection that never waits for longer than a test's patience.
class Client {
 public:
  explicit Client(const std::string& address) {
    if (address.starts_with("unix:")) {
      sockaddr_un to{};
      to.sun_family = AF_UNIX;
      address.copy(to.sun_path, sizeof to.sun_path - 1, 5);
      socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    } else {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    }
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  // How many bytes went without waiting for the other side.
  std::size_t send(const std::string& bytes) const {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t size =
          ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (size <= 0) break;
      sent += static_cast<std::size_t>(size);
    }
    return sent;
  }
  // The next bytes that come; "" at the end, "reset" where that is how it ends.
  std::string receive() const {
    pollfd readable{socket_, POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(std::chrono::milliseconds(test_patience).count())) != 1)
      throw std::runtime_error("nothing comes");
    char bytes[4096];
    const ssize_t size = recv(socket_, bytes, sizeof bytes, 0);
    if (size < 0) return errno == ECONNRESET ? "reset" : "error";
    return {bytes, static_cast<std::size_t>(size)};
  }
  bool silent() const {
    pollfd readable{socket_, POLLIN, 0};
    return poll(&readable, 1, 50) == 0;
  }
  std::string receive(std::size_t size) const {
    std::string all;
    while (all.size() < size) {
      const std::string more = receive();
      if (more.empty() || more == "reset") break;
      all += more;
    }
    return all;
  }

 private:
  int socket_;
  bool connected_;
};

class WireProxyTest : public ::testing::Test {
 protected:
  explicit WireProxyTest(std::vector<std::string> more = {}) : proxy_(command(std::move(more))) {
    address_ = json::parse(*proxy_.read_line()).at("listening");
  }

  std::vector<std::string> command(std::vector<std::string> more) const {
    const char* bin = std::getenv("SOAKLINE_BIN");
    std::vector<std::string> all = {std::string(bin ? bin : ".") + "/soakline-wire", "--listen",
                                    "127.0.0.1:0", "--to", echo_.address()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void fault(const json& what) const { proxy_.write_line(what.dump()); }
  void end_fault() const { proxy_.write_line(R"({"end": true})"); }
  json answer() { return json::parse(*proxy_.read_line()); }
  // Once it echoes, the proxy has made its connection to the server.
  void expect_echo(const Client& client) const {
    client.send("hello");
    EXPECT_EQ(client.receive(5), "hello");
  }

  ByteServer echo_{ByteServer::echo};
  ChildProcess proxy_;
  std::string address_;
};

TEST_F(WireProxyTest, ForwardsBothWaysAndAnEnd) {
  const Client one(address_), other(address_);
  expect_echo(one);
  expect_echo(other);
  EXPECT_THAT(address_, HasSubstr("127.0.0.1:"));
}

TEST_F(WireProxyTest, ResetsConnectionsAndThoseThatComeMeanwhile) {
  const Client before(address_);
  expect_echo(before);
  fault({{"id", 1}, {"kind", "reset"}, {"for_s", 60}});
  EXPECT_EQ(before.receive(), "reset");
  const Client meanwhile(address_);
  EXPECT_EQ(meanwhile.receive(), "reset");
  end_fault();
  EXPECT_EQ(answer().at("connections"), 2);
  expect_echo(Client(address_));
}

TEST_F(WireProxyTest, ClosesOneHalf) {
  const Client client(address_);
  expect_echo(client);
  fault({{"id", 2}, {"kind", "half-close"}, {"direction", "to-client"}});
  EXPECT_EQ(client.receive(), "") << "the end, without a reset";
  EXPECT_EQ(client.send("more"), 4U);
  EXPECT_EQ(answer().at("connections"), 1);
}

TEST_F(WireProxyTest, AcceptsAndNeverAnswersUntilItIsOver) {
  const Client before(address_);
  expect_echo(before);
  fault({{"id", 3}, {"kind", "no-answer"}, {"for_s", 60}});
  // The proxy obeys lines in their order: once it has refused this one, the first is under way.
  fault({{"id", 4}, {"kind", "no-answer"}});
  EXPECT_THAT(answer().at("error").get<std::string>(), HasSubstr("still under way"));
  const Client meanwhile(address_);
  EXPECT_TRUE(meanwhile.connected());
  before.send("one");
  meanwhile.send("two");
  EXPECT_TRUE(before.silent() && meanwhile.silent());
  end_fault();
  EXPECT_EQ(answer().at("id"), 3);
  EXPECT_EQ(before.receive(3), "one");
  EXPECT_EQ(meanwhile.receive(3), "two");
}

TEST_F(WireProxyTest, DelaysEachWay) {
  const Client client(address_);
  expect_echo(client);
  fault({{"id", 5}, {"kind", "delay"}, {"for_s", 60}, {"delay_s", 0.1}});
  fault({{"id", 6}, {"kind", "reset"}});
  answer();
  const auto sent = Clock::now();
  client.send("late");
  EXPECT_EQ(client.receive(4), "late");
  EXPECT_GE(Clock::now() - sent, std::chrono::milliseconds(200));
}

TEST_F(WireProxyTest, TearsWhatGoesOnIntoPieces) {
  const Client client(address_);
  expect_echo(client);
  fault({{"id", 7}, {"kind", "tear"}, {"for_s", 60}, {"piece_bytes", 1}, {"pause_s", 0.01}});
  fault({{"id", 8}, {"kind", "reset"}});
  answer();
  const auto sent = Clock::now();
  client.send("0123456789");
  EXPECT_EQ(client.receive(10), "0123456789");
  EXPECT_GE(Clock::now() - sent, std::chrono::milliseconds(90)) << "nine pauses";
}

TEST_F(WireProxyTest, CapsTheRate) {
  const Client client(address_);
  expect_echo(client);
  fault({{"id", 9}, {"kind", "cap"}, {"for_s", 60}, {"bytes_per_s", 100'000}});
  fault({{"id", 10}, {"kind", "reset"}});
  answer();
  const auto sent = Clock::now();
  const std::string bytes(30'000, 'x');
  EXPECT_EQ(client.send(bytes), bytes.size());
  EXPECT_EQ(client.receive(bytes.size()), bytes);
  EXPECT_GE(Clock::now() - sent, std::chrono::milliseconds(250));
}

TEST_F(WireProxyTest, ReadsSoSlowlyThatTheClientHasToWait) {
  const Client client(address_);
  expect_echo(client);
  fault({{"id", 11}, {"kind", "slow-read"}, {"for_s", 60}, {"bytes_per_s", 1000}});
  fault({{"id", 12}, {"kind", "reset"}});
  answer();
  // More than the sockets of both sides hold.
  const std::string much(64 << 20, 'x');
  EXPECT_LT(client.send(much), much.size());
}

TEST_F(WireProxyTest, SaysWhatItDoesNotUnderstandAndEndsWithItsInput) {
  proxy_.write_line("nonsense");
  EXPECT_THAT(answer().at("error").get<std::string>(), HasSubstr("JSON object"));
  fault({{"id", 1}, {"kind", "explode"}});
  EXPECT_THAT(answer().at("error").get<std::string>(), HasSubstr("unknown kind 'explode'"));
  fault({{"id", 1}, {"kind", "cap"}});
  EXPECT_THAT(answer().at("error").get<std::string>(), HasSubstr("bytes_per_s"));
  fault({{"id", 1}, {"kind", "lose"}, {"share", 0.5}});
  EXPECT_THAT(answer().at("error").get<std::string>(), HasSubstr("--messages"));
  proxy_.close_input();
  EXPECT_EQ(proxy_.wait().exit_code, 0);
}

class FrameWireTest : public WireProxyTest {
 protected:
  FrameWireTest() : WireProxyTest({"--messages", "frames", "--seed", "7"}) {}
  static std::string frame(char payload) { return std::string{0, 0, 0, 1, payload}; }
  void expect_answer(const Client& client, char payload, const std::string& answer) const {
    client.send(frame(payload));
    EXPECT_EQ(client.receive(answer.size()), answer);
  }
  // Under way, since the proxy refuses another.
  void begin(const char* kind, double share = 1) {
    for (int id : {1, 2}) fault({{"id", id}, {"kind", kind}, {"for_s", 60}, {"share", share}});
    EXPECT_EQ(answer().at("id"), 2);
  }
  int messages_at_its_end() {
    end_fault();
    return answer().at("messages");
  }
};

TEST_F(FrameWireTest, LosesDoublesAndCorruptsWholeMessages) {
  {
    const Client client(address_);
    expect_answer(client, '0', frame('0'));
    // What is lost leaves no trace to wait for: the first that is not tells of those before it.
    begin("lose", 0.9);
    char last = 'a';
    client.send(frame(last));
    while (client.silent()) client.send(frame(++last));
    const char came = client.receive(5).back();
    EXPECT_GE(messages_at_its_end(), came - 'a');
    EXPECT_GT(came, 'a');
  }
  const Client client(address_);
  expect_answer(client, '0', frame('0'));
  begin("duplicate");
  expect_answer(client, '2', frame('2') + frame('2'));
  EXPECT_EQ(messages_at_its_end(), 1);
  begin("corrupt");
  client.send(frame('3'));
  const std::string corrupt = client.receive(5);
  EXPECT_EQ(corrupt.substr(0, 4), frame('3').substr(0, 4));
  EXPECT_NE(corrupt[4], '3');
  EXPECT_EQ(messages_at_its_end(), 1);
  expect_answer(client, '4', frame('4'));
}

TEST(WireProgram, SaysWhatItCannotDo) {
  const char* bin = std::getenv("SOAKLINE_BIN");
  const auto run = [&](const std::string& listen) {
    return ChildProcess(
               {std::string(bin ? bin : ".") + "/soakline-wire", "--listen", listen, "--to", "127.0.0.1:1"})
        .wait();
  };
  EXPECT_EQ(run("nowhere").exit_code, 2);
  EXPECT_EQ(run("0.0.0.0:0").exit_code, 4);
  EXPECT_THAT(run("0.0.0.0:0").errors, HasSubstr("only loopback"));
  EXPECT_EQ(run("unix:/nowhere/at/all").exit_code, 4);
}

TEST(WireProgram, ForwardsBetweenUnixSocketsAndOutlivesAServerThatIsNotThere) {
  const TemporaryFolder folder;
  const char* bin = std::getenv("SOAKLINE_BIN");
  const std::string address = "unix:" + (folder.path / "s").string();
  ChildProcess proxy({std::string(bin ? bin : ".") + "/soakline-wire", "--listen", address, "--to",
                      "unix:" + (folder.path / "none").string()});
  EXPECT_EQ(json::parse(*proxy.read_line()).at("listening"), address);
  for (int i = 0; i < 3; ++i) {
    const Client client(address);
    EXPECT_TRUE(client.connected());
    EXPECT_EQ(client.receive(), "");
  }
}

}  // namespace
}  // namespace soakline
