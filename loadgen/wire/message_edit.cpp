#include "loadgen/wire/message_edit.hpp"

#include <charconv>
#include <utility>

#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace soakline {
namespace {

constexpr std::size_t longest_message = std::size_t{16} << 20;
constexpr std::string_view message = "*3\r\n$7\r\nmessage\r\n";
constexpr std::string_view pmessage = "*4\r\n$8\r\npmessage\r\n";

// The last string of such a message, whose first lines are known.
std::string_view last_string(std::string_view rest, int strings) {
  for (int i = 0;; ++i) {
    const auto line_end = rest.find("\r\n");
    std::size_t size = 0;
    if (line_end == std::string_view::npos || rest.front() != '$') return {};
    std::from_chars(rest.data() + 1, rest.data() + line_end, size);
    rest.remove_prefix(line_end + 2);
    if (rest.size() < size + 2) return {};
    if (i + 1 == strings) return rest.substr(0, size);
    rest.remove_prefix(size + 2);
  }
}

LoadPlan plan_of(LoadKind kind) {
  LoadPlan plan;
  plan.kind = kind;
  return plan;
}

}  // namespace

MessageEdit::MessageEdit(LoadKind kind, std::uint64_t seed)
    : kind_(kind), reader_(make_reply_reader(plan_of(kind))), random_(seeded(seed, Purpose::edits)) {}

void MessageEdit::begin(Edit edit, double share) {
  edit_ = edit;
  share_ = share;
}

std::string MessageEdit::pass(std::string_view bytes) {
  std::string passed;
  while (understood_ && !bytes.empty()) {
    if (between_messages_) holds_ = edit_ != Edit::none;
    const std::string_view before = bytes;
    Reply reply;
    const Parsed parsed = reader_->next(bytes, reply);
    const std::string_view taken = before.substr(0, before.size() - bytes.size());
    (holds_ ? held_ : passed) += taken;
    between_messages_ = parsed == Parsed::reply;
    understood_ = parsed != Parsed::broken;
    if (holds_ && between_messages_) {
      passed += edited_message();
      held_.clear();
    } else if (holds_ && (!understood_ || held_.size() > longest_message)) {
      passed += std::exchange(held_, {});
      holds_ = false;
    }
  }
  passed += bytes;
  return passed;
}

std::string_view MessageEdit::payload() const {
  const std::string_view held = held_;
  if (kind_ == LoadKind::frames) return held.substr(4);
  if (held.starts_with(message)) return last_string(held.substr(message.size()), 2);
  if (held.starts_with(pmessage)) return last_string(held.substr(pmessage.size()), 3);
  return {};
}

std::string MessageEdit::edited_message() {
  const std::string_view payload = this->payload();
  if (edit_ == Edit::none || payload.empty() || boost::random::uniform_01<>()(random_) >= share_)
    return held_;
  ++edited_;
  if (edit_ == Edit::lose) return "";
  if (edit_ == Edit::duplicate) return held_ + held_;
  std::string corrupt = held_;
  const auto below = [this](std::size_t number) {
    return boost::random::uniform_int_distribution<std::size_t>(0, number - 1)(random_);
  };
  const std::size_t at = static_cast<std::size_t>(payload.data() - held_.data()) + below(payload.size());
  corrupt[at] = static_cast<char>(corrupt[at] ^ 1 << below(8));
  return corrupt;
}

}  // namespace soakline
