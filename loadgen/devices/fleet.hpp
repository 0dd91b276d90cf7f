// All devices of a run on one epoll loop: carries out what each of them does next.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/circular_buffer.hpp>

#include "loadgen/devices/device.hpp"
#include "loadgen/devices/device_messages.hpp"
#include "loadgen/devices/device_protocol.hpp"
#include "loadgen/devices/device_socket.hpp"
#include "loadgen/devices/outages.hpp"
#include "loadgen/devices/timer_wheel.hpp"
#include "loadgen/run_clock.hpp"

namespace soakline {

struct FleetCounts {
  std::uint64_t connects = 0;      // a device was let in
  std::uint64_t refused = 0;       // an attempt that came to nothing
  std::uint64_t lost = 0;          // connections that ended, and not by the plan
  std::uint64_t churned = 0;       // devices that left by the plan
  std::uint64_t churn_missed = 0;  // whose turn it was to leave while they were not connected
  std::uint64_t keep_alives = 0;
  std::uint64_t keep_alives_unanswered = 0;  // within a period; the device was lost by it
  std::uint64_t delivered = 0;               // messages that came to subscribers
  std::uint64_t no_address = 0;              // of the refused: there was no free local port
  LatencyHistogram connecting;               // from the attempt until the device was let in
  std::string first_refusal, first_loss;
};

// Nothing is allocated for a message or a keep-alive once buffers have their size.
class Fleet {
 public:
  Fleet(const DevicesPlan& plan, Ledger& ledger, const RunClock& clock);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // poll() tells when this descriptor can be read.
  void watch(int descriptor);
  // All devices queue for their turn to connect.
  void open_all();

  // Deals with what has come, waiting for it at most until then, and lets those connect whose turn it is.
  // True: what is watched can be read.
  bool poll(std::int64_t until_ns);

  void offer(std::uint32_t device, std::string_view payload, std::int64_t intended_ns);
  // The device leaves, once all it has sent is answered, and comes back.
  void churn(std::uint32_t device);
  // They drop at once, whatever they were doing, and come back.
  void storm(std::span<const std::uint32_t> devices);

  // Nothing new is said: what waits is dropped, who is gone stays so.
  void stop();
  // Everybody leaves for good.
  void leave_all();

  const FleetCounts& counts() const { return counts_; }
  const Outages& outages() const { return outages_; }
  std::size_t connected() const { return outages_.connected(); }
  // That are open, also of those that are not connected yet.
  std::size_t sockets() const;

 private:
  // All that an idle device takes beside its timer, its time of loss and its place in the queue.
  struct Member {
    Device device;
    int socket = -1;
    PacketState stream;
    DeviceQueue messages;
    std::int64_t attempt_ns = 0;
    // While it is up the rest of what was sent, otherwise the messages that wait; none: nothing.
    std::unique_ptr<std::string> unwritten;
  };

  // fleet.cpp: coming and going
  void connect_queued();
  void begin_connecting(std::uint32_t number);
  void socket_connected(std::uint32_t number);
  void come_up(std::uint32_t number);
  void timer_expired(std::uint32_t number);
  void fail(std::uint32_t number, std::string_view why);
  void leave(std::uint32_t number);
  void drop(std::uint32_t number);
  void close_connection(Member& member);
  std::int64_t first_keep_alive_ns(std::uint32_t number) const;

  // fleet_traffic.cpp: what is said on a connection
  void handle(std::uint32_t number, std::uint32_t events);
  void read(std::uint32_t number, bool to_the_end);
  bool hear(std::uint32_t number, std::string_view bytes);
  bool take_step(std::uint32_t number, Device::Step step, const Heard& heard);
  bool settle(std::uint32_t number, const Heard& heard);
  void say_before_up(std::uint32_t number);
  void write(Member& member, std::string_view bytes);
  void flush(std::uint32_t number);
  void written(Member& member);
  void leave_if_done(std::uint32_t number);

  static constexpr std::uint32_t watched = ~std::uint32_t{0};

  const DevicesPlan& plan_;
  const RunClock& clock_;
  std::unique_ptr<DeviceProtocol> protocol_;
  DeviceTarget target_;
  DeviceMessages messages_;
  std::vector<Member> members_;
  TimerWheel wheel_;
  Outages outages_;
  FleetCounts counts_;
  boost::circular_buffer<std::uint32_t> queue_;  // whose turn to connect it is
  std::uint32_t connecting_ = 0;
  std::int64_t keep_alive_ns_;
  std::size_t most_unwritten_;
  bool opening_ = true;  // until all are connected for the first time
  bool stopped_ = false;
  int epoll_;
  std::string bytes_;  // of what is said now
  std::array<epoll_event, 512> events_;
  std::array<char, 64 << 10> inbox_;  // one for all
};

}  // namespace soakline
