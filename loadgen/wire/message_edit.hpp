// Whole messages of a stream lost, doubled or corrupted by chance: what a ledger of messages has to notice.
// Pure; the same seed and bytes give the same edits, wherever the stream is cut.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "loadgen/reply_reader.hpp"
#include "loadgen/seeded.hpp"

namespace soakline {

enum class Edit { none, lose, duplicate, corrupt };

class MessageEdit {
 public:
  // frames: all that come; redis: messages that a subscriber is sent (RESP2 "message" and "pmessage"), since
  // another reply that is missing would shift all that follow.
  MessageEdit(LoadKind kind, std::uint64_t seed);

  // From the next message on; of each that can be edited with this probability.
  void begin(Edit edit, double share);
  void end() { edit_ = Edit::none; }

  // What goes on of these bytes. A stream that is of another kind, and a message beyond 16 MiB, goes on as it
  // is.
  std::string pass(std::string_view bytes);
  std::uint64_t edited() const { return edited_; }

 private:
  std::string edited_message();
  // Where its payload is, in what is held; empty where it must not be edited.
  std::string_view payload() const;

  LoadKind kind_;
  std::unique_ptr<ReplyReader> reader_;
  Random random_;
  Edit edit_ = Edit::none;
  double share_ = 0;
  bool between_messages_ = true, holds_ = false, understood_ = true;
  std::string held_;  // of a message that may be edited
  std::uint64_t edited_ = 0;
};

}  // namespace soakline
