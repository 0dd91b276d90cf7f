#include "scenarios/redis_subscription/connection_multiplexer.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include "scenarios/redis_subscription/errors.hpp"

namespace redis_subscription {
namespace {

constexpr int most_redirections = 5;

std::string_view key_of(Words words) {
  return words.size() > 1 ? *(words.begin() + 1) : std::string_view();
}

}  // namespace

ConnectionMultiplexer::ConnectionMultiplexer(MultiplexerOptions options)
    : options_(std::move(options)),
      source_(options_.endpoint),
      nodes_(options_.endpoint, [this](const Endpoint& endpoint) { return make_link(endpoint); }),
      first_(nodes_.first()),
      subscription_(options_.endpoint, ConnectionKind::subscription, options_.timeouts, stop_,
                    [this](const Link& link, const std::string& reason) { lost(link, reason); }) {
  connect(first_);
  connect(subscription_);
  thread_ = std::thread([this] { run(); });
  ::pthread_setname_np(thread_.native_handle(), "redis");
  if (options_.announce_channel.empty()) return;
  try {
    subscribe(options_.announce_channel, [this](const std::string&, const std::string& announcement) {
      nodes_.forget_moved();
      source_.configuration_changed(announcement);
    });
  } catch (...) {
    close();
    throw;
  }
}

ConnectionMultiplexer::~ConnectionMultiplexer() {
  close();
}

void ConnectionMultiplexer::close() {
  closing_ = true;
  stop_.set();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<Link> ConnectionMultiplexer::make_link(const Endpoint& endpoint) {
  return std::make_shared<Link>(endpoint, ConnectionKind::commands, options_.timeouts, stop_,
                                [this](const Link& link, const std::string& reason) { lost(link, reason); });
}

void ConnectionMultiplexer::connect(Link& link) {
  try {
    link.connect();
  } catch (const ConnectionLost& error) {
    throw ConnectionLost(fmt::format("cannot connect to {}: {}", link.endpoint().text(), error.what()));
  } catch (const ServerError& error) {
    throw ServerError(fmt::format("{} refuses a PING: {}", link.endpoint().text(), error.what()));
  }
}

void ConnectionMultiplexer::lost(const Link& link, const std::string& reason) {
  if (closing_) return;
  if (link.kind() == ConnectionKind::subscription) subscriptions_.connection_lost();
  nodes_.drop(link);
  source_.connection_failed(link.endpoint(), link.kind(), reason);
  wake_.set();
}

Reply ConnectionMultiplexer::command(Words words) {
  auto link = nodes_.for_key(key_of(words));
  for (int redirections = 0;; ++redirections) {
    Reply reply = link->command(words);
    if (!reply.is_error()) return reply;

    const auto moved = parse_moved(reply.text, link->endpoint());
    if (!moved || redirections == most_redirections) {
      source_.error_message(link->endpoint(), reply.text);
      throw ServerError(reply.text);
    }
    auto next = nodes_.follow(*moved);
    wake_.set();
    source_.hash_slot_moved(moved->slot, link->endpoint(), moved->to);
    link = std::move(next);
  }
}

void ConnectionMultiplexer::subscribe(const std::string& channel, MessageHandler handler) {
  subscriptions_.add(channel, std::move(handler));
  wake_.set();
  const bool inside_a_handler = std::this_thread::get_id() == thread_.get_id();
  if (!inside_a_handler) subscriptions_.wait_until_confirmed(channel, options_.timeouts.sync);
}

}  // namespace redis_subscription
