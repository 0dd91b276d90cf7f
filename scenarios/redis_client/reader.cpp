#include "scenarios/redis_client/reader.hpp"

#include <poll.h>
#include <pthread.h>

#include <utility>

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/push.hpp"

namespace redis_client {

using namespace redis_subscription;

Reader::Reader(std::unique_ptr<Connection> connection, Events events)
    : connection_(std::move(connection)), events_(std::move(events)), thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "reader");
}

Reader::~Reader() {
  end_.set();
  thread_.join();
}

void Reader::run() {
  try {
    read();
  } catch (const ConnectionLost&) {
    connection_.reset();
    events_.lost();
    wait_for_end();
  }
}

void Reader::read() {
  for (;;) {
    while (auto reply = connection_->next_reply()) {
      const Push push = read_push(std::move(*reply));
      if (push.kind == Push::Kind::message) events_.message(push.text);
    }
    pollfd waits[] = {{connection_->fd(), POLLIN, 0}, {end_.fd(), POLLIN, 0}};
    ::poll(waits, 2, -1);
    if (waits[1].revents != 0) return;
  }
}

void Reader::wait_for_end() const {
  pollfd end{end_.fd(), POLLIN, 0};
  while (::poll(&end, 1, -1) <= 0) {
  }
}

}  // namespace redis_client
