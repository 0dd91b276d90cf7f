#include "loadgen/wire/wire_proxy.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <istream>
#include <list>
#include <stdexcept>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <nlohmann/json.hpp>

namespace soakline {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Stream = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Stream>;

constexpr std::size_t longest_line = 4096;
constexpr std::chrono::milliseconds accept_pause{50};  // where there are no descriptors left

Stream::endpoint endpoint_of(const Address& address) {
  if (!address.unix_path.empty()) {
    unlink(address.unix_path.c_str());
    return asio::local::stream_protocol::endpoint(address.unix_path);
  }
  const auto host = asio::ip::make_address(address.host);
  if (!host.is_loopback())
    throw std::runtime_error(
        fmt::format("--listen {}: only loopback addresses, such as 127.0.0.1:0", address.text));
  return asio::ip::tcp::endpoint(host, static_cast<std::uint16_t>(std::stoi(address.port)));
}

class WireProxy {
 public:
  WireProxy(asio::io_context& io, const WirePlan& plan, std::function<void(std::string)> say)
      : io_(io),
        plan_(plan),
        say_(std::move(say)),
        acceptor_(io, endpoint_of(plan.listen)),
        accept_timer_(io),
        fault_timer_(io),
        input_(io, dup(STDIN_FILENO)),
        lines_(longest_line) {}

  void start() {
    say_(nlohmann::json{{"listening", listening()}}.dump());
    accept();
    read_line();
  }

 private:
  std::string listening() const;
  void accept();
  void accepted(Stream::socket socket);
  void read_line();
  void obey(const std::string& line);
  void begin(const WireFault& fault);
  void end_fault();

  asio::io_context& io_;
  const WirePlan& plan_;
  std::function<void(std::string)> say_;
  Acceptor acceptor_;
  asio::steady_timer accept_timer_, fault_timer_;
  asio::posix::stream_descriptor input_;
  asio::streambuf lines_;
  std::list<std::shared_ptr<WireLink>> links_;
  std::uint64_t accepted_ = 0;
  WireCounts counts_, before_;
  std::optional<WireFault> fault_;
  std::uint64_t begun_ = 0;
  std::uint64_t touched_ = 0;  // connections, by the fault that is under way
};

std::string WireProxy::listening() const {
  if (!plan_.listen.unix_path.empty()) return "unix:" + plan_.listen.unix_path;
  asio::ip::tcp::endpoint bound;
  const auto local = acceptor_.local_endpoint();
  bound.resize(local.size());
  std::copy_n(static_cast<const char*>(static_cast<const void*>(local.data())), local.size(),
              static_cast<char*>(static_cast<void*>(bound.data())));
  return fmt::format("{}:{}", bound.address().to_string(), bound.port());
}

void WireProxy::accept() {
  acceptor_.async_accept([this](const error_code& error, Stream::socket socket) {
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    accept_timer_.expires_after(accept_pause);
    accept_timer_.async_wait([this](const error_code& stopped) {
      if (!stopped) accept();
    });
  });
}

void WireProxy::accepted(Stream::socket socket) {
  links_.remove_if([](const auto& link) { return link->over(); });
  if (fault_) ++touched_;
  // Each draws its edits from a stream of its own, whatever the others carry.
  const auto link = make_wire_link(io_, socket.release(), plan_, plan_.seed + accepted_++, counts_);
  if (fault_ && fault_->resets) return link->reset();
  if (fault_) link->apply(*fault_);
  links_.push_back(link);
  link->start();
}

void WireProxy::read_line() {
  asio::async_read_until(input_, lines_, '\n', [this](const error_code& error, std::size_t) {
    if (error) return io_.stop();
    std::istream input(&lines_);
    std::string line;
    std::getline(input, line);
    obey(line);
    read_line();
  });
}

void WireProxy::obey(const std::string& line) {
  std::uint64_t id = 0;
  try {
    const WireFault fault = parse_wire_fault(line);
    if (fault.ends) return end_fault();
    id = fault.id;
    if (fault_) throw WireError(fmt::format("a {} is still under way", fault_->kind));
    if (fault.edit != Edit::none && !plan_.messages)
      throw WireError(fmt::format("{} needs --messages redis or frames", fault.kind));
    begin(fault);
  } catch (const std::exception& error) {
    say_(nlohmann::json{{"id", id}, {"error", error.what()}}.dump());
  }
}

void WireProxy::begin(const WireFault& fault) {
  links_.remove_if([](const auto& link) { return link->over(); });
  fault_ = fault;
  before_ = counts_;
  touched_ = links_.size();
  for (const auto& link : links_) {
    if (fault.resets)
      link->reset();
    else if (fault.closes_half)
      link->close_half(fault.to_server);
    else
      link->apply(fault);
  }
  fault_timer_.expires_after(std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(std::max(0.0, fault.for_s))));
  fault_timer_.async_wait([this, number = ++begun_](const error_code& error) {
    if (!error && number == begun_) end_fault();
  });
}

void WireProxy::end_fault() {
  if (!fault_) return;
  fault_timer_.cancel();
  for (const auto& link : links_) link->apply({});
  say_(nlohmann::json{{"id", fault_->id},
                      {"kind", fault_->kind},
                      {"connections", touched_},
                      {"bytes", counts_.bytes - before_.bytes},
                      {"messages", counts_.messages - before_.messages}}
           .dump());
  fault_.reset();
}

}  // namespace

void run_wire(const WirePlan& plan, const std::function<void(std::string)>& say) {
  asio::io_context io{1};
  WireProxy proxy(io, plan, say);
  proxy.start();
  io.run();
}

}  // namespace soakline
