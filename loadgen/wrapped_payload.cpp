#include "loadgen/wrapped_payload.hpp"

namespace soakline {

WrappedPayload::WrappedPayload(std::string_view before, Payload& payload, std::string_view after,
                               Random& random)
    : payload_at_(before.size()) {
  const std::size_t size = payload.next_size(random);
  for (Prototype& prototype : prototypes_) {
    prototype.message = before;
    payload.append(prototype.message, size, {}, random);
    prototype.filler_crc = crc_of_filler(std::string_view(prototype.message).substr(payload_at_));
    prototype.message += after;
  }
}

void WrappedPayload::append(std::string& out, const Stamp& stamp) const {
  const Prototype& prototype = prototypes_[stamp.sequence % prototypes_.size()];
  const std::size_t begin = out.size();
  out += prototype.message;
  write_stamp(stamp, out.data() + begin + payload_at_, prototype.filler_crc);
}

}  // namespace soakline
