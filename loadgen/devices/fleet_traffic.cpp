// The half of a fleet that reads and writes.
#include <cerrno>
#include <cstring>
#include <string>

#include "loadgen/devices/fleet.hpp"

namespace soakline {
namespace {

// What the socket took; nothing where it is full, or gone, which its next event will tell.
std::size_t send_some(int socket, std::string_view bytes) {
  const ssize_t size = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

}  // namespace

void Fleet::handle(std::uint32_t number, std::uint32_t events) {
  Member& member = members_[number];
  if (member.device.state() == Device::State::connecting) {
    if (const int error = connect_error(member.socket); error != 0) return fail(number, std::strerror(error));
    socket_connected(number);
  }
  constexpr std::uint32_t ended = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((events & EPOLLOUT) != 0 && member.device.is_up() && member.unwritten) flush(number);
  if ((events & (EPOLLIN | ended)) != 0 && member.socket >= 0) read(number, (events & ended) != 0);
}

// The edge has been told: all there is must be taken. Less than the inbox holds is all, unless the end
// follows.
void Fleet::read(std::uint32_t number, bool to_the_end) {
  const int socket = members_[number].socket;
  for (;;) {
    const ssize_t size = recv(socket, inbox_.data(), inbox_.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0) return fail(number, "the connection was lost: " + std::string(std::strerror(errno)));
    if (size == 0) return fail(number, "the server closed the connection");
    if (!hear(number, {inbox_.data(), static_cast<std::size_t>(size)})) return;
    if (!to_the_end && static_cast<std::size_t>(size) < inbox_.size()) return;
  }
}

// False: the connection is ended.
bool Fleet::hear(std::uint32_t number, std::string_view bytes) {
  Member& member = members_[number];
  const bool subscribes = protocol_->subscribes(number);
  for (;;) {
    const Heard heard = protocol_->next(bytes, member.stream);
    if (heard.what == Heard::What::more) return true;
    if (!take_step(number, member.device.heard(heard.what, subscribes), heard)) return false;
  }
}

bool Fleet::take_step(std::uint32_t number, Device::Step step, const Heard& heard) {
  switch (step) {
    case Device::Step::subscribe:
      bytes_.clear();
      protocol_->append_subscription(bytes_, number);
      say_before_up(number);
      break;
    case Device::Step::come_up:
      come_up(number);
      break;
    case Device::Step::settle_message:
      return settle(number, heard);
    case Device::Step::count_delivery:
      ++counts_.delivered;
      break;
    case Device::Step::give_up_refused:
      fail(number, heard.why);
      break;
    case Device::Step::give_up_broken:
      fail(number, heard.why.empty() ? "the server said what was not to be expected then" : heard.why);
      break;
    default:
      break;
  }
  return members_[number].socket >= 0;
}

bool Fleet::settle(std::uint32_t number, const Heard& heard) {
  Member& member = members_[number];
  const auto answer = messages_.answered(member.messages, heard.packet_id, heard.bytes, clock_.elapsed_ns());
  if (answer == DeviceMessages::Answer::unasked)
    fail(number, "the server answered more than it was asked");
  else
    leave_if_done(number);
  return member.socket >= 0;
}

// The first words on a connection, which always has room for them.
void Fleet::say_before_up(std::uint32_t number) {
  if (send_some(members_[number].socket, bytes_) < bytes_.size())
    fail(number, "the socket does not take a few bytes");
}

void Fleet::offer(std::uint32_t number, std::string_view payload, std::int64_t intended_ns) {
  Member& member = members_[number];
  bytes_.clear();
  protocol_->append_message(bytes_, number, messages_.next_id(member.messages), payload);
  if (member.unwritten && member.unwritten->size() >= most_unwritten_) return messages_.drop();
  if (!messages_.offer(member.messages, intended_ns, static_cast<std::uint32_t>(bytes_.size()))) return;
  if (member.device.is_up()) {
    messages_.send(member.messages, clock_.elapsed_ns());
    write(member, bytes_);
    written(member);
  } else if (member.unwritten) {
    member.unwritten->append(bytes_);
  } else {
    member.unwritten = std::make_unique<std::string>(bytes_);
  }
}

void Fleet::write(Member& member, std::string_view bytes) {
  if (!member.unwritten) bytes.remove_prefix(send_some(member.socket, bytes));
  if (bytes.empty()) return;
  if (!member.unwritten) member.unwritten = std::make_unique<std::string>();
  member.unwritten->append(bytes);
}

void Fleet::flush(std::uint32_t number) {
  Member& member = members_[number];
  member.unwritten->erase(0, send_some(member.socket, *member.unwritten));
  if (!member.unwritten->empty()) return;
  member.unwritten.reset();
  written(member);
  leave_if_done(number);
}

void Fleet::written(Member& member) {
  if (!member.unwritten && !protocol_->answers_messages())
    messages_.all_answered(member.messages, clock_.elapsed_ns());
}

void Fleet::leave_if_done(std::uint32_t number) {
  const Member& member = members_[number];
  if (member.device.is_leaving() && member.messages.empty() && !member.unwritten) leave(number);
}

}  // namespace soakline
