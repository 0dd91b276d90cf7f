#include "loadgen/devices/fleet.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <system_error>
#include <utility>

namespace soakline {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t connect_patience = 5'000 * millisecond;
// Between two such bursts what has come is dealt with.
constexpr int most_attempts_at_once = 256;
constexpr std::size_t backlog_bytes = 64 << 20;

void remember(std::string& first, std::string_view why) {
  if (first.empty()) first = why;
}

}  // namespace

Fleet::Fleet(const DevicesPlan& plan, Ledger& ledger, const RunClock& clock)
    : plan_(plan),
      clock_(clock),
      protocol_(make_device_protocol(plan)),
      target_(plan.to),
      // Each its share, so that no device can use up what the others need.
      messages_(ledger, std::max<std::size_t>(1, plan.backlog / plan.connections)),
      members_(plan.connections),
      wheel_(plan.connections),
      outages_(plan.connections),
      queue_(plan.connections),
      keep_alive_ns_(std::llround(plan.keep_alive_s * 1e9)),
      most_unwritten_(backlog_bytes / plan.connections),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "no epoll instance");
}

Fleet::~Fleet() {
  for (const Member& member : members_)
    if (member.socket >= 0) close(member.socket);
  close(epoll_);
}

void Fleet::watch(int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = watched;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void Fleet::open_all() {
  for (std::uint32_t number = 0; number < members_.size(); ++number) {
    members_[number].device.queued();
    queue_.push_back(number);
  }
}

bool Fleet::poll(std::int64_t until_ns) {
  connect_queued();
  const bool more_to_connect = !stopped_ && !queue_.empty() && connecting_ < plan_.connecting;
  const std::int64_t now = clock_.elapsed_ns();
  const std::int64_t wait =
      more_to_connect ? 0 : std::max<std::int64_t>(0, std::min(until_ns, wheel_.next_ns()) - now);
  const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
  const int count = epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "cannot wait for devices (Linux 5.11 is needed)");
  bool readable = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.u32 == watched)
      readable = true;
    else
      handle(event.data.u32, event.events);
  }
  wheel_.advance(clock_.elapsed_ns(), [this](std::uint32_t number) { timer_expired(number); });
  return readable;
}

void Fleet::connect_queued() {
  for (int i = 0; i < most_attempts_at_once && !stopped_ && !queue_.empty() && connecting_ < plan_.connecting;
       ++i) {
    const std::uint32_t number = queue_.front();
    queue_.pop_front();
    begin_connecting(number);
  }
}

void Fleet::begin_connecting(std::uint32_t number) {
  Member& member = members_[number];
  member.device.begin_connecting();
  member.attempt_ns = clock_.elapsed_ns();
  ++connecting_;
  const auto [socket, error] = target_.connect(number);
  if (error == EAGAIN) {
    // A unix listener whose queue is full: there is a server, it may yet get to us.
    --connecting_;
    member.device.failed();
    return wheel_.set(number, member.attempt_ns + member.device.pause_ms() * millisecond);
  }
  member.socket = socket;
  if (error == EADDRNOTAVAIL) ++counts_.no_address;
  if (socket < 0) return fail(number, std::strerror(error));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u32 = number;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) return fail(number, std::strerror(errno));
  wheel_.set(number, member.attempt_ns + connect_patience);
  if (error == 0) socket_connected(number);
}

void Fleet::socket_connected(std::uint32_t number) {
  if (members_[number].device.socket_connected() != Device::Step::greet) return;
  bytes_.clear();
  protocol_->append_greeting(bytes_, number);
  say_before_up(number);
}

void Fleet::come_up(std::uint32_t number) {
  Member& member = members_[number];
  const std::int64_t now = clock_.elapsed_ns();
  --connecting_;
  ++counts_.connects;
  counts_.connecting.record(now - member.attempt_ns);
  outages_.back(number, now);
  if (keep_alive_ns_ > 0)
    wheel_.set(number, now + (opening_ ? first_keep_alive_ns(number) : keep_alive_ns_));
  else
    wheel_.cancel(number);
  if (connected() == members_.size()) opening_ = false;
  if (member.messages.empty()) return;
  messages_.send(member.messages, now);
  const auto waited = std::exchange(member.unwritten, nullptr);
  write(member, *waited);
  written(member);
}

// Spread over the period, as the keep-alives of a fleet that has long been up are: by the golden ratio, which
// leaves no two devices close however many there are.
std::int64_t Fleet::first_keep_alive_ns(std::uint32_t number) const {
  const std::uint32_t share = number * 0x9e3779b9U;
  return static_cast<std::int64_t>(static_cast<double>(keep_alive_ns_) * (share + 1.0) / 4294967296.0);
}

void Fleet::timer_expired(std::uint32_t number) {
  Member& member = members_[number];
  switch (member.device.timer_expired()) {
    case Device::Step::queue:
      return queue_.push_back(number);
    case Device::Step::send_keep_alive:
      ++counts_.keep_alives;
      wheel_.set(number, clock_.elapsed_ns() + keep_alive_ns_);
      bytes_.clear();
      protocol_->append_keep_alive(bytes_);
      return write(member, bytes_);
    case Device::Step::give_up_unanswered:
      ++counts_.keep_alives_unanswered;
      return fail(number, "the server has not answered a keep-alive within its period");
    case Device::Step::give_up_silent:
      return fail(number, "the server has not answered within 5 s");
    default:
      return;
  }
}

void Fleet::fail(std::uint32_t number, std::string_view why) {
  Member& member = members_[number];
  const std::int64_t now = clock_.elapsed_ns();
  if (member.device.is_up()) {
    ++counts_.lost;
    remember(counts_.first_loss, why);
    outages_.gone(number, now);
    messages_.lost(member.messages, why);
    member.unwritten.reset();
  } else {
    ++counts_.refused;
    remember(counts_.first_refusal, why);
    --connecting_;
  }
  close_connection(member);
  member.device.failed();
  wheel_.set(number, now + member.device.pause_ms() * millisecond);
}

void Fleet::churn(std::uint32_t number) {
  Device& device = members_[number].device;
  if (!device.is_up() || device.is_leaving()) {
    ++counts_.churn_missed;
    return;
  }
  device.leave_when_answered();
  leave_if_done(number);
}

void Fleet::leave(std::uint32_t number) {
  Member& member = members_[number];
  bytes_.clear();
  protocol_->append_farewell(bytes_);
  if (!bytes_.empty()) write(member, bytes_);
  ++counts_.churned;
  drop(number);
}

void Fleet::storm(std::span<const std::uint32_t> devices) {
  outages_.storm(devices, clock_.elapsed_ns());
  for (const std::uint32_t number : devices) {
    const Device& device = members_[number].device;
    if (device.is_up() || device.is_connecting()) drop(number);
  }
}

// The connection is ended by us, and the device comes back at its turn.
void Fleet::drop(std::uint32_t number) {
  Member& member = members_[number];
  if (member.device.is_up()) {
    outages_.gone(number, clock_.elapsed_ns());
    messages_.lost(member.messages, "its device was dropped in a storm");
    member.unwritten.reset();
  } else {
    --connecting_;
  }
  close_connection(member);
  wheel_.cancel(number);
  member.device.left();
  queue_.push_back(number);
}

void Fleet::close_connection(Member& member) {
  if (member.socket >= 0) close_socket(std::exchange(member.socket, -1), plan_.closing);
  member.stream = {};
}

std::size_t Fleet::sockets() const {
  return static_cast<std::size_t>(std::count_if(members_.begin(), members_.end(),
                                                [](const Member& member) { return member.socket >= 0; }));
}

void Fleet::stop() {
  stopped_ = true;
  for (Member& member : members_) {
    if (member.device.is_up()) continue;
    messages_.drop_waiting(member.messages);
    member.unwritten.reset();
  }
}

void Fleet::leave_all() {
  outages_.end(clock_.elapsed_ns());
  bytes_.clear();
  protocol_->append_farewell(bytes_);
  for (Member& member : members_) {
    if (member.device.is_up() && !bytes_.empty()) write(member, bytes_);
    close_connection(member);
  }
}

}  // namespace soakline
