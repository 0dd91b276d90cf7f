#include "harness/readiness.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "harness/host_port.hpp"
#include "harness/redis_client.hpp"

namespace soakline {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto probe_patience = std::chrono::seconds(1);

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
  return connect(stream, io, host_port(address, ""));
}

bool url_answers(const std::string& url) {
  const std::string rest = url.substr(std::string("http://").size());
  const auto slash = rest.find('/');
  const HostPort to = host_port(rest.substr(0, slash), "80");
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

std::string described(const Readiness& ready) {
  if (ready.tcp) return "tcp " + *ready.tcp;
  if (ready.http) return *ready.http;
  if (ready.log) return "a line like '" + *ready.log + "'";
  if (ready.file) return "file " + *ready.file;
  if (ready.redis) return "an answer of redis at " + *ready.redis;
  return fmt::format("{} redis subscribers of '{}'", ready.at_least, ready.redis_subscribers.value_or(""));
}

}  // namespace

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

bool is_ready(const Readiness& ready, const LogProbe& probe, const std::string& redis) {
  if (ready.tcp) return port_answers(*ready.tcp);
  if (ready.http) return url_answers(*ready.http);
  if (ready.log) return probe.seen();
  if (ready.file) return std::filesystem::exists(*ready.file);
  if (ready.redis) return redis_answers(*ready.redis);
  if (ready.redis_subscribers) return redis_subscribers(redis, *ready.redis_subscribers) >= ready.at_least;
  return true;
}

void wait_until_ready(EventLoop& loop, const Readiness& ready, Process& process, const LogFile& log,
                      const LogProbe& probe, const std::string& who, const std::string& redis,
                      const std::function<bool()>& stop) {
  const auto patience =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(ready.within_s));
  bool done = false;
  loop.wait_for([&] { return (done = is_ready(ready, probe, redis)) || !process.running() || stop(); },
                std::chrono::steady_clock::now() + patience);
  if (done || stop()) return;
  const bool ended = !process.running();
  if (ended) loop.drain();
  const std::string said =
      log.last_line().empty() ? "it said nothing" : fmt::format("its last line: {}", log.last_line());
  if (ended)
    throw RunError(fmt::format("{} ended with {} before it was ready; {}", who, process.ending(), said));
  throw RunError(fmt::format("{} was not ready within {} ({}); {}{}", who, format_duration(ready.within_s),
                             described(ready), said,
                             ready.redis ? "" : "; give it more with ready = { ..., within = \"1m\" }"));
}

}  // namespace soakline
