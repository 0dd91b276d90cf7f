#include "harness/readiness.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <re2/re2.h>
#include <sys/time.h>

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace soakline {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto probe_patience = std::chrono::seconds(1);

struct HostPort {
  std::string host, port;
};

HostPort split(const std::string& address, const std::string& default_port) {
  const auto colon = address.rfind(':');
  if (colon != std::string::npos) return {address.substr(0, colon), address.substr(colon + 1)};
  const bool only_port = !address.empty() && address.find_first_not_of("0123456789") == std::string::npos;
  return only_port ? HostPort{"127.0.0.1", address} : HostPort{address, default_port};
}

// A stream connected within the probe's patience, or nothing.
bool connect(boost::beast::tcp_stream& stream, asio::io_context& io, const HostPort& to) {
  boost::system::error_code error;
  asio::ip::tcp::resolver resolver(io);
  const auto endpoints = resolver.resolve(to.host, to.port, error);
  if (error) return false;
  stream.expires_after(probe_patience);
  error = asio::error::would_block;
  stream.async_connect(endpoints,
                       [&](const boost::system::error_code& result, const auto&) { error = result; });
  io.restart();
  io.run();
  return !error;
}

bool port_answers(const std::string& address) {
  asio::io_context io;
  boost::beast::tcp_stream stream(io);
  return connect(stream, io, split(address, ""));
}

bool url_answers(const std::string& url) {
  const std::string rest = url.substr(std::string("http://").size());
  const auto slash = rest.find('/');
  const HostPort to = split(rest.substr(0, slash), "80");
  asio::io_context io;
  boost::beast::tcp_stream stream(io);
  if (!connect(stream, io, to)) return false;
  http::request<http::empty_body> request(http::verb::get,
                                          slash == std::string::npos ? "/" : rest.substr(slash), 11);
  request.set(http::field::host, to.host);
  http::response<http::string_body> response;
  boost::beast::flat_buffer buffer;
  boost::system::error_code error;
  stream.expires_after(probe_patience);
  http::async_write(stream, request, [&](const boost::system::error_code& written, std::size_t) {
    error = written;
    if (!error)
      http::async_read(stream, buffer, response,
                       [&](const boost::system::error_code& read, std::size_t) { error = read; });
  });
  io.restart();
  io.run();
  return !error && response.result_int() / 100 == 2;
}

using RedisContext = std::unique_ptr<redisContext, decltype(&redisFree)>;
using RedisReply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

RedisContext redis_at(const std::string& address) {
  const timeval patience{1, 0};
  RedisContext context(nullptr, redisFree);
  if (address.starts_with("unix:")) {
    context.reset(redisConnectUnixWithTimeout(address.substr(5).c_str(), patience));
  } else {
    const HostPort to = split(address.starts_with("redis://") ? address.substr(8) : address, "6379");
    context.reset(redisConnectWithTimeout(to.host.c_str(), std::atoi(to.port.c_str()), patience));
  }
  if (context && context->err != 0) context.reset();
  if (context) redisSetTimeout(context.get(), patience);
  return context;
}

long long subscribers(const std::string& address, const std::string& channel) {
  const RedisContext context = redis_at(address);
  if (!context) return 0;
  const RedisReply reply(
      static_cast<redisReply*>(redisCommand(context.get(), "PUBSUB NUMSUB %s", channel.c_str())),
      freeReplyObject);
  if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) return 0;
  return reply->element[1]->integer;
}

std::string described(const Readiness& ready) {
  if (ready.tcp) return "tcp " + *ready.tcp;
  if (ready.http) return *ready.http;
  if (ready.log) return "a line like '" + *ready.log + "'";
  if (ready.file) return "file " + *ready.file;
  return fmt::format("{} redis subscribers of '{}'", ready.at_least, ready.redis_subscribers.value_or(""));
}

}  // namespace

bool redis_answers(const std::string& address) {
  const RedisContext context = redis_at(address);
  if (!context) return false;
  const RedisReply reply(static_cast<redisReply*>(redisCommand(context.get(), "PING")), freeReplyObject);
  return reply && reply->type == REDIS_REPLY_STATUS;
}

int free_port() {
  asio::io_context io;
  const asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

LogProbe::LogProbe(const Readiness& ready, LogFile& log) : log_(log) {
  if (!ready.log) return;
  // RE2 takes time linear in the line, whatever the expression and whatever the target prints.
  log_.on_line([this, expression = std::make_shared<RE2>(*ready.log, RE2::Quiet)](std::string_view line) {
    if (seen_) return;
    re2::StringPiece group;
    const re2::StringPiece text(line.data(), line.size());
    const bool grouped = expression->NumberOfCapturingGroups() > 0;
    seen_ = grouped ? RE2::PartialMatch(text, *expression, &group) : RE2::PartialMatch(text, *expression);
    if (seen_ && grouped) announced_ = group.as_string();
  });
}

LogProbe::~LogProbe() {
  log_.on_line({});
}

void wait_until_ready(EventLoop& loop, const Readiness& ready, Process& process, const LogFile& log,
                      const LogProbe& probe, const std::string& who, const std::string& redis,
                      const std::function<bool()>& stop) {
  const auto is_ready = [&] {
    if (ready.tcp) return port_answers(*ready.tcp);
    if (ready.http) return url_answers(*ready.http);
    if (ready.log) return probe.seen();
    if (ready.file) return std::filesystem::exists(*ready.file);
    if (ready.redis_subscribers) return subscribers(redis, *ready.redis_subscribers) >= ready.at_least;
    return true;
  };
  const auto patience =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(ready.within_s));
  bool done = false;
  loop.wait_for([&] { return (done = is_ready()) || !process.running() || stop(); },
                std::chrono::steady_clock::now() + patience);
  if (done || stop()) return;
  const bool ended = !process.running();
  if (ended) loop.drain();
  const std::string said =
      log.last_line().empty() ? "it said nothing" : fmt::format("its last line: {}", log.last_line());
  if (ended)
    throw RunError(fmt::format("{} ended with {} before it was ready; {}", who, process.ending(), said));
  throw RunError(
      fmt::format("{} was not ready within {} ({}); {}; give it more with ready = {{ ..., within = \"1m\" }}",
                  who, format_duration(ready.within_s), described(ready), said));
}

}  // namespace soakline
