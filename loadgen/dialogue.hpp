// What is said and heard on one connection, without any I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace soakline {

class MessageStream;

class Dialogue {
 public:
  virtual ~Dialogue() = default;

  // What is to be written now; empty: nothing. Valid until the next call.
  virtual std::string_view to_write(std::int64_t now_ns) = 0;
  virtual void wrote(std::size_t bytes) = 0;

  struct Heard {
    std::size_t replies = 0;
    std::size_t answered = 0;  // those that were not failures
    std::string broken;        // why the connection cannot go on; empty: it can
    bool over = false;         // its connection has done what it was for: another is to be opened at once
  };
  virtual Heard hear(std::string_view bytes, std::int64_t now_ns) = 0;

  // The server has ended the connection: in order, or it was reset. Unless that is over, the connection is
  // lost.
  virtual Heard ended(bool /*in_order*/, std::int64_t /*now_ns*/) { return {}; }

  // It is open, and the server has answered the greeting.
  virtual void opened() {}
  virtual void lost(std::string_view why) = 0;
};

// One that is given messages to send.
class SendingDialogue : public Dialogue {
 public:
  // Takes the next message of the stream; it waits, or is dropped where the backlog is full.
  virtual void offer(MessageStream& stream, std::int64_t intended_ns) = 0;
  virtual std::size_t held() const = 0;  // messages that wait or are unanswered
  // Memory that those messages take, as far as it was ever needed.
  virtual std::size_t bytes_held() const = 0;
  // Lets go of most of it where much less was needed since it was last asked to; how much it was.
  virtual std::size_t give_back() { return 0; }
  // The end: what still waits is dropped.
  virtual void drop_waiting() = 0;
};

}  // namespace soakline
