#include "loadgen/devices/frame_protocol.hpp"

#include <algorithm>

#include "loadgen/payload.hpp"

namespace soakline {
namespace {

constexpr std::uint8_t header_bytes = 4;
constexpr std::string_view greeting = "open";
constexpr std::string_view keep_alive = "ping";

void append_frame(std::string& out, std::string_view payload) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(payload.size() >> shift));
  out.append(payload);
}

bool says(const PacketState& state, std::string_view payload) {
  return state.length == payload.size() &&
         std::equal(payload.begin(), payload.end(), state.beginning.begin(),
                    [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
}

}  // namespace

void FrameProtocol::append_greeting(std::string& out, std::uint32_t) const {
  append_frame(out, greeting);
}

void FrameProtocol::append_keep_alive(std::string& out) const {
  append_frame(out, keep_alive);
}

void FrameProtocol::append_message(std::string& out, std::uint32_t, std::uint16_t,
                                   std::string_view payload) const {
  append_frame(out, payload);
}

Heard FrameProtocol::next(std::string_view& bytes, PacketState& state) const {
  for (; state.header_bytes < header_bytes; ++state.header_bytes, bytes.remove_prefix(1)) {
    if (bytes.empty()) return {};
    state.length = state.length << 8 | static_cast<unsigned char>(bytes.front());
    state.left = state.length;
  }
  if (state.length > Payload::largest)
    return {Heard::What::broken, 0, 0, "the server's answer is no frame, or one over 16 MiB"};
  const auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(state.left, bytes.size()));
  const std::uint32_t begin = state.length - state.left;
  for (std::uint32_t i = 0; i < taken && begin + i < state.beginning.size(); ++i)
    state.beginning[begin + i] = static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(taken);
  state.left -= taken;
  if (state.left > 0) return {};
  const Heard heard{says(state, greeting)     ? Heard::What::welcome
                    : says(state, keep_alive) ? Heard::What::keep_alive_answer
                                              : Heard::What::message_answer,
                    0, header_bytes + state.length, ""};
  state = {};
  return heard;
}

}  // namespace soakline
