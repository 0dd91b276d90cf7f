#include "loadgen/cluster_member.hpp"

#include <utility>

namespace soakline {
namespace {

// A cluster that sends a message round and round has lost its mind.
constexpr int most_redirections = 16;

// Not answered itself, so that an asking message, too, has one answer.
constexpr std::string_view ask = "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$4\r\nSKIP\r\n*1\r\n$6\r\nASKING\r\n";

// A message whose bytes are known.
class Written final : public MessageStream {
 public:
  Written(std::string_view before, std::string_view bytes) : before_(before), bytes_(bytes) { seal_hash(); }

 private:
  void encode(std::string& out, const Stamp&) override { (out += before_) += bytes_; }

  std::string_view before_, bytes_;
};

}  // namespace

ClusterMember::ClusterMember(const LoadPlan& plan, Ledger& ledger, Backlog limit, Redirected redirected)
    : ledger_(ledger),
      conversation_(make_reply_reader(plan), ledger, limit, {0, nullptr, this}),
      redirected_(std::move(redirected)) {}

void ClusterMember::offer(RoutedMessage message, bool asking) {
  const auto dropped = ledger_.dropped;
  Written written(asking ? ask : "", message.bytes);
  conversation_.offer(written, message.intended_ns);
  if (ledger_.dropped == dropped) kept_.push_back(std::move(message));
}

bool ClusterMember::take(std::string_view error, std::int64_t) {
  const auto where = parse_redirection(error);
  RoutedMessage& message = kept_[kept_.size() - conversation_.unsettled()];
  if (!where || message.redirections == most_redirections) return false;
  ++message.redirections;
  elsewhere_.push_back({std::move(message), *where});
  return true;
}

Dialogue::Heard ClusterMember::hear(std::string_view bytes, std::int64_t now_ns) {
  Heard heard = conversation_.hear(bytes, now_ns);
  forget_settled();
  heard.replies -= elsewhere_.size();
  for (; !elsewhere_.empty(); elsewhere_.pop_front())
    redirected_(std::move(elsewhere_.front().message), elsewhere_.front().where);
  return heard;
}

void ClusterMember::lost(std::string_view why) {
  const std::size_t before = conversation_.unsettled();
  conversation_.lost(why);
  failed_ += before - conversation_.unsettled();
  forget_settled();
}

void ClusterMember::drop_waiting() {
  conversation_.drop_waiting();
  kept_.resize(conversation_.unsettled());
}

void ClusterMember::forget_settled() {
  while (kept_.size() > conversation_.unsettled()) kept_.pop_front();
}

}  // namespace soakline
