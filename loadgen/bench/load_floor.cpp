// What load costs at least: the same sends and receives in a bare epoll loop, without times, counts or
// checks. Driven by load_bench.py.
//   load_floor send PORT|PATH CONNECTIONS DEPTH SECONDS     pre-encoded 64-byte PUBLISHes, DEPTH in flight on
//   each load_floor parse PORT|PATH SUBSCRIBERS SECONDS          what is published, parsed and forgotten
//   load_floor receive PORT|PATH SUBSCRIBERS SECONDS        the same by soakline-load's own connections and
//   ledger
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "loadgen/connection.hpp"
#include "loadgen/resp_scanner.hpp"
#include "loadgen/subscription.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view channel = "orders";

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool is_port(std::string_view to) {
  return to.find_first_not_of("0123456789") == std::string_view::npos;
}

int connect_to(const std::string& to) {
  int done = 0;
  const int file = socket(is_port(to) ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (is_port(to)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(to.c_str())));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    done = connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int on = 1;
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  } else {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    to.copy(address.sun_path, sizeof address.sun_path - 1);
    done = connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  if (done != 0) std::perror("connect"), std::exit(1);
  return file;
}

void write_whole(int file, std::string_view bytes) {
  if (write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    std::perror("write"), std::exit(1);
}

void tell(std::uint64_t messages, double cpu_s) {
  fmt::print("{{\"messages\": {}, \"cpu_s\": {}}}\n", messages, cpu_s);
}

struct Socket {
  int file;
  std::size_t answered = 0;
  soakline::RespScanner scanner;
};

// Hands what can be read on each socket to `heard`, for so long.
template <class Heard>
void loop(std::vector<Socket>& sockets, double seconds, Heard heard) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (Socket& socket : sockets) {
    epoll_event event{EPOLLIN, {&socket}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket.file, &event);
  }
  std::vector<char> inbox(64 << 10);
  std::array<epoll_event, 64> events;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    const int count = epoll_wait(epoll, events.data(), events.size(), 100);
    for (int i = 0; i < count; ++i) {
      auto& socket = *static_cast<Socket*>(events[static_cast<std::size_t>(i)].data.ptr);
      const ssize_t size = recv(socket.file, inbox.data(), inbox.size(), MSG_DONTWAIT);
      if (size > 0) heard(socket, std::string_view(inbox.data(), static_cast<std::size_t>(size)));
    }
  }
}

void send(const std::string& to, std::size_t connections, std::size_t depth, double seconds) {
  const std::string message =
      fmt::format("*3\r\n$7\r\nPUBLISH\r\n$6\r\n{}\r\n$64\r\n{}\r\n", channel, std::string(64, 'x'));
  std::string batch;
  for (std::size_t i = 0; i < depth; ++i) batch += message;
  std::vector<Socket> sockets(connections);
  for (Socket& socket : sockets) write_whole(socket.file = connect_to(to), batch);
  std::uint64_t messages = 0;
  const double before_s = cpu_seconds();
  loop(sockets, seconds, [&](Socket& socket, std::string_view bytes) {
    const auto answers = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    messages += answers;
    socket.answered += answers;
    if (socket.answered < depth) return;
    socket.answered = 0;
    write_whole(socket.file, batch);
  });
  tell(messages, cpu_seconds() - before_s);
}

void parse(const std::string& to, std::size_t subscribers, double seconds) {
  std::vector<Socket> sockets(subscribers);
  for (Socket& socket : sockets)
    write_whole(socket.file = connect_to(to), fmt::format("*2\r\n$9\r\nSUBSCRIBE\r\n$6\r\n{}\r\n", channel));
  std::vector<std::string> rests(subscribers);
  std::uint64_t messages = 0;
  const double before_s = cpu_seconds();
  loop(sockets, seconds, [&](Socket& socket, std::string_view bytes) {
    std::string& rest = rests[static_cast<std::size_t>(&socket - sockets.data())];
    if (!rest.empty()) bytes = rest += bytes;
    std::size_t at = 0;
    while (socket.scanner.next(bytes, at) == soakline::RespScanner::Found::value) ++messages;
    rest = std::string(bytes.substr(at));
  });
  tell(messages, cpu_seconds() - before_s);
}

struct Silent : soakline::ConnectionEvents {
  void on_open() override {}
  void on_refused(const std::error_code&) override {}
  void on_replies(std::size_t) override {}
  void on_lost(std::string_view) override {}
};

void receive(const std::string& to, std::size_t subscribers, double seconds) {
  soakline::LoadPlan plan;
  plan.kind = soakline::LoadKind::redis;
  boost::asio::io_context io{1};
  soakline::RunClock clock;
  std::vector<char> inbox(64 << 10);
  const auto address = soakline::parse_address((is_port(to) ? "127.0.0.1:" : "unix:") + to);
  const soakline::Wires wires{io, soakline::resolve(io, address), clock, inbox};
  soakline::Deliveries deliveries(64, subscribers);
  std::vector<soakline::Subscription> subscriptions;
  std::vector<std::unique_ptr<soakline::Connection>> connections;
  Silent silent;
  subscriptions.reserve(subscribers);
  for (std::size_t i = 0; i < subscribers; ++i) {
    subscriptions.emplace_back(channel, soakline::Resp::v2, deliveries, i);
    connections.push_back(make_connection(wires, subscriptions.back(), greeting_of(plan, channel), silent));
    connections.back()->open();
  }
  // Another process publishes: whatever comes has been sent.
  for (std::size_t publisher = 0; publisher < 64; ++publisher)
    deliveries.published(publisher, std::uint64_t{1} << 47);
  boost::asio::steady_timer end(
      io, std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)));
  end.async_wait([&io](boost::system::error_code) { io.stop(); });
  const double before_s = cpu_seconds();
  io.run();
  tell(deliveries.account().delivered, cpu_seconds() - before_s);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t i) { return std::strtod(words[i].c_str(), nullptr); };
  const auto count = [&](std::size_t i) { return static_cast<std::size_t>(number(i)); };
  if (words.size() == 5 && words[0] == "send")
    send(words[1], count(2), count(3), number(4));
  else if (words.size() == 4 && words[0] == "parse")
    parse(words[1], count(2), number(3));
  else if (words.size() == 4 && words[0] == "receive")
    receive(words[1], count(2), number(3));
  else
    return fmt::print(stderr, "load_floor send|parse|receive PORT|PATH ...; see its first lines\n"), 2;
}
