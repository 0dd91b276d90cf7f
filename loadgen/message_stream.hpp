// The messages of a run in their order, as bytes on the wire; the seed alone decides them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "loadgen/load_plan.hpp"
#include "loadgen/stamp.hpp"
#include "loadgen/stream_hash.hpp"

namespace soakline {

class MessageStream {
 public:
  virtual ~MessageStream() = default;

  // Appends one whole message with that stamp, and adds it to the hash.
  void append_next(std::string& out, const Stamp& stamp);

  // What comes from here on stays out of the hash: how much a closed loop sends depends on the machine.
  void seal_hash() { sealed_ = true; }
  std::string hash() const { return hash_.text(); }

 private:
  virtual void encode(std::string& out, const Stamp& stamp) = 0;

  StreamHash hash_;
  bool sealed_ = false;
};

// TemplateError when one of the plan's commands cannot be used.
std::unique_ptr<MessageStream> make_message_stream(const LoadPlan& plan);

}  // namespace soakline
