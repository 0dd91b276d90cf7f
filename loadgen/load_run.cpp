#include "loadgen/load_run.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include "loadgen/cluster.hpp"
#include "loadgen/connection.hpp"
#include "loadgen/conversation.hpp"
#include "loadgen/http_exchange.hpp"
#include "loadgen/message_stream.hpp"
#include "loadgen/run_clock.hpp"
#include "loadgen/subscription.hpp"
#include "loadgen/tls_session.hpp"

namespace soakline {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::chrono::seconds connect_patience{5};
constexpr std::chrono::seconds answer_patience{1};
// What a read takes at most.
constexpr std::size_t inbox_bytes = 64 << 10;
// Between two such bursts answers are read; what is due later keeps its intended time.
constexpr std::size_t most_offered_at_once = 4096;
// Connections that are asked whether they are idle, for a message.
constexpr std::size_t most_looked_at = 64;

std::int64_t nanoseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e9);
}

class LoadRun {
 public:
  LoadRun(const LoadPlan& plan, const std::vector<Progress>& progress);
  std::unique_ptr<LoadResult> run();

 private:
  enum class Phase { connecting, sending, draining };

  // One connection and what is said on it.
  class Peer : public ConnectionEvents {
   public:
    Peer(LoadRun& run, Dialogue& dialogue, Greeting greeting)
        : run_(run), connection_(make_connection(run.wires_, dialogue, std::move(greeting), *this)) {}
    Connection& connection() { return *connection_; }
    void on_open() override { run_.opened(); }
    void on_refused(const std::error_code& error) override { run_.refused(error); }
    void on_replies(std::size_t) override {}
    void on_lost(std::string_view why) override { run_.lost(why); }

   protected:
    LoadRun& run_;

   private:
    std::unique_ptr<Connection> connection_;
  };

  class Publisher final : public Peer {
   public:
    Publisher(LoadRun& run, std::unique_ptr<SendingDialogue> dialogue, Greeting greeting)
        : Peer(run, *dialogue, std::move(greeting)), dialogue_(std::move(dialogue)) {}
    void offer(std::size_t count, std::int64_t intended_ns) {
      for (std::size_t i = 0; i < count; ++i) dialogue_->offer(*run_.stream_, intended_ns);
    }
    // As many as it lacks of a closed loop's depth.
    void fill_up(std::size_t depth, std::int64_t now_ns) {
      offer(depth - std::min(depth, dialogue_->held()), now_ns);
    }
    bool is_idle() const { return dialogue_->held() == 0; }
    std::size_t backlog_bytes() const { return dialogue_->bytes_held(); }
    std::size_t give_back() { return dialogue_->give_back(); }
    void drop_waiting() { dialogue_->drop_waiting(); }
    void on_open() override { run_.opened(*this); }
    void on_replies(std::size_t count) override { run_.replied(*this, count); }

   private:
    std::unique_ptr<SendingDialogue> dialogue_;
  };

  class Subscriber final : public Peer {
   public:
    Subscriber(LoadRun& run, Subscription subscription, Greeting greeting)
        : Peer(run, subscription_, std::move(greeting)), subscription_(std::move(subscription)) {}
    void on_replies(std::size_t) override { run_.delivered(); }

   private:
    Subscription subscription_;
  };

  // All connections of a cluster, as one.
  class ClusterEvents final : public ConnectionEvents {
   public:
    explicit ClusterEvents(LoadRun& run) : run_(run) {}
    void on_open() override { run_.start(); }
    void on_refused(const std::error_code& error) override { run_.refused(error); }
    void on_replies(std::size_t count) override { run_.replied(count); }
    void on_lost(std::string_view why) override { run_.lost(why); }

   private:
    LoadRun& run_;
  };

  void opened();
  void opened(Publisher& publisher);
  void refused(const std::error_code& error);
  void replied(Publisher& publisher, std::size_t count);
  void replied(std::size_t count);
  void delivered();
  void lost(std::string_view why);

  void watch_signals();
  void connect_all();
  void make_peers();
  void start();
  void send_due();
  void prefer_an_idle_one();
  std::unique_ptr<SendingDialogue> make_dialogue(std::size_t publisher, Backlog share);
  std::size_t send_due_to_cluster(std::int64_t until);
  std::size_t send_due_round_robin(std::int64_t until);
  void wait_for_due();
  void report_progress(std::size_t which, std::int64_t at_ns);
  void watch_itself(std::int64_t at_ns);
  void note_own_use();
  void stop_sending();
  void finish_when_answered();
  [[noreturn]] void cannot_connect(
      const std::string& why, std::string_view fix = "start the server there first, or correct --to") const;

  const LoadPlan& plan_;
  const std::vector<Progress>& progress_;
  const std::int64_t end_ns_;
  const bool one_at_a_time_;  // requests, on each connection
  std::unique_ptr<LoadResult> result_ = std::make_unique<LoadResult>();
  std::unique_ptr<MessageStream> stream_;
  Schedule schedule_;
  RunClock clock_;
  Phase phase_ = Phase::connecting;

  asio::io_context io_{1};
  asio::signal_set signals_{io_};
  asio::steady_timer timer_{io_};  // of the phase: patience to connect, the schedule, patience for answers
  std::vector<asio::steady_timer> progress_timers_;
  asio::steady_timer self_timer_{io_};
  std::vector<char> inbox_ = std::vector<char>(inbox_bytes);
  std::optional<TlsContext> tls_;
  Wires wires_{io_, nullptr, clock_, inbox_};
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::vector<Peer*> to_open_;  // in this order
  ClusterEvents cluster_events_{*this};
  std::unique_ptr<Cluster> cluster_;  // instead of publishers
  std::size_t opened_ = 0;
  std::size_t next_ = 0;  // the publisher whose turn it is
};

LoadRun::LoadRun(const LoadPlan& plan, const std::vector<Progress>& progress)
    : plan_(plan),
      progress_(progress),
      end_ns_(nanoseconds(plan.time_s)),
      one_at_a_time_(plan.kind == LoadKind::http),
      stream_(make_message_stream(plan)),
      schedule_(plan.pace.arrivals, plan.pace.rate_per_s.value_or(1), plan.seed, plan.pace.shape,
                plan.pace.idle) {
  if (plan.kind == LoadKind::http) result_->http.emplace();
  if (plan.tls) wires_.tls = &tls_.emplace(*plan.tls, plan.to.host);
  if (plan.redis.subscribers > 0) result_->deliveries.emplace(plan.connections, plan.redis.subscribers);
}

std::unique_ptr<LoadResult> LoadRun::run() {
  result_->self.open_loop = plan_.pace.rate_per_s.has_value();
  watch_signals();
  connect_all();
  io_.run();
  if (phase_ == Phase::connecting) stop_sending();
  if (cluster_) cluster_->drop_waiting();  // what was sent elsewhere since sending stopped
  result_->ended_s = static_cast<double>(clock_.elapsed_ns()) * 1e-9;
  note_own_use();
  result_->stream_hash = stream_->hash();
  return std::move(result_);
}

void LoadRun::watch_signals() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](error_code error, int) {
    if (error) return;
    if (phase_ != Phase::sending) return io_.stop();
    stop_sending();
    watch_signals();  // a second one does not wait for answers
  });
}

void LoadRun::cannot_connect(const std::string& why, std::string_view fix) const {
  throw LoadError(fmt::format("cannot connect to {}: {}; {}", plan_.to.text, why, fix));
}

void LoadRun::connect_all() {
  try {
    wires_.endpoints = resolve(io_, plan_.to);
  } catch (const boost::system::system_error& error) {
    cannot_connect(error.code().message());
  }
  make_peers();
  timer_.expires_after(connect_patience);
  timer_.async_wait([this](error_code error) {
    if (!error)
      cannot_connect(cluster_ ? fmt::format("not every node answers within {} s", connect_patience.count())
                              : fmt::format("{} of {} connections after {} s", opened_, to_open_.size(),
                                            connect_patience.count()));
  });
  if (cluster_) return cluster_->open();
  to_open_.front()->connection().open();
}

void LoadRun::make_peers() {
  if (plan_.redis.cluster) {
    cluster_ = make_cluster(plan_, wires_, *stream_, result_->ledger, cluster_events_);
    return;
  }
  Deliveries* deliveries = result_->deliveries ? &*result_->deliveries : nullptr;
  const std::string channel = deliveries != nullptr ? published_channel(plan_.redis) : "";
  // Subscribers first: they are to get everything.
  for (std::size_t i = 0; i < plan_.redis.subscribers; ++i)
    subscribers_.push_back(std::make_unique<Subscriber>(
        *this, Subscription(channel, plan_.redis.resp, *deliveries, i), greeting_of(plan_, channel)));
  // Each its share, so that one dead connection cannot use up what the others need.
  const Backlog share{std::max<std::size_t>(1, plan_.backlog / plan_.connections),
                      Backlog{}.bytes / plan_.connections};
  for (std::size_t i = 0; i < plan_.connections; ++i)
    publishers_.push_back(std::make_unique<Publisher>(*this, make_dialogue(i, share), greeting_of(plan_)));
  for (auto& subscriber : subscribers_) to_open_.push_back(subscriber.get());
  for (auto& publisher : publishers_) to_open_.push_back(publisher.get());
}

std::unique_ptr<SendingDialogue> LoadRun::make_dialogue(std::size_t publisher, Backlog share) {
  if (plan_.kind == LoadKind::http)
    return std::make_unique<HttpExchange>(result_->ledger, *result_->http, share, plan_.http.close);
  const Sender sender{static_cast<std::uint16_t>(publisher),
                      result_->deliveries ? &*result_->deliveries : nullptr};
  return std::make_unique<Conversation>(make_reply_reader(plan_), result_->ledger, share, sender);
}

void LoadRun::opened() {
  // One after the other: a listener's queue is short.
  if (phase_ != Phase::connecting) return;
  if (++opened_ < to_open_.size()) return to_open_[opened_]->connection().open();
  start();
}

void LoadRun::opened(Publisher& publisher) {
  if (phase_ == Phase::connecting) return opened();
  if (phase_ == Phase::sending && !plan_.pace.rate_per_s)
    publisher.fill_up(plan_.pace.closed_depth, clock_.elapsed_ns());
  publisher.connection().flush();
}

void LoadRun::refused(const std::error_code& error) {
  // What Asio makes of a unix listener whose queue is full: there is a server, it may yet get to us.
  const bool queue_is_full = error == std::errc::no_buffer_space;
  if (error == std::errc::address_not_available) ++result_->self.no_address;
  if (phase_ == Phase::connecting && !queue_is_full) cannot_connect(error.message());
}

void LoadRun::start() {
  phase_ = Phase::sending;
  timer_.cancel();
  clock_.start();
  result_->self.begin = result_->self.now = own_use();
  watch_itself(second_ns);
  if (!plan_.pace.rate_per_s) {
    for (auto& publisher : publishers_) publisher->offer(plan_.pace.closed_depth, 0);
    if (cluster_)
      for (std::size_t i = 0; i < plan_.pace.closed_depth * plan_.connections; ++i) cluster_->offer(0);
    stream_->seal_hash();
    for (auto& publisher : publishers_) publisher->connection().flush();
    if (cluster_) cluster_->flush();
  }
  for (std::size_t which = 0; which < progress_.size(); ++which) {
    progress_timers_.emplace_back(io_);
    report_progress(which, nanoseconds(progress_[which].period_s));
  }
  wait_for_due();
}

void LoadRun::wait_for_due() {
  timer_.expires_at(clock_.at(plan_.pace.rate_per_s ? std::min(schedule_.due_ns(), end_ns_) : end_ns_));
  timer_.async_wait([this](error_code error) {
    if (!error && phase_ == Phase::sending) send_due();
  });
}

void LoadRun::send_due() {
  const std::int64_t now = clock_.elapsed_ns();
  const std::int64_t due_first = schedule_.due_ns();
  const std::int64_t until = plan_.pace.rate_per_s ? std::min(now, end_ns_ - 1) : -1;
  const std::size_t offered = cluster_ ? send_due_to_cluster(until) : send_due_round_robin(until);
  // Of those that were due together the first was the latest.
  if (offered > 0) result_->self.wake_ups.record(now - due_first, offered);
  if (now >= end_ns_ && schedule_.due_ns() > until)
    stop_sending();
  else
    wait_for_due();
}

std::size_t LoadRun::send_due_round_robin(std::int64_t until) {
  const std::size_t first = next_;
  std::size_t offered = 0;
  for (; schedule_.due_ns() <= until && offered < most_offered_at_once; ++offered, schedule_.advance()) {
    if (one_at_a_time_) prefer_an_idle_one();
    publishers_[next_]->offer(1, schedule_.due_ns());
    if (one_at_a_time_) publishers_[next_]->connection().flush();
    if (++next_ == publishers_.size()) next_ = 0;
  }
  const std::size_t unflushed = one_at_a_time_ ? 0 : std::min(offered, publishers_.size());
  for (std::size_t i = 0; i < unflushed; ++i)
    publishers_[(first + i) % publishers_.size()]->connection().flush();
  return offered;
}

std::size_t LoadRun::send_due_to_cluster(std::int64_t until) {
  std::size_t offered = 0;
  for (; schedule_.due_ns() <= until && offered < most_offered_at_once; ++offered, schedule_.advance())
    cluster_->offer(schedule_.due_ns());
  if (offered > 0) cluster_->flush();
  return offered;
}

// In a closed loop of a cluster as many are in flight as there would be on one server, wherever their keys
// are.
void LoadRun::replied(std::size_t count) {
  if (phase_ == Phase::draining) return finish_when_answered();
  if (plan_.pace.rate_per_s) return;
  const std::int64_t now = clock_.elapsed_ns();
  for (; count > 0; --count) cluster_->offer(now);
  cluster_->flush();
}

// A request that waits behind another would be late although a connection is free.
void LoadRun::prefer_an_idle_one() {
  const std::size_t looked_at = std::min(publishers_.size(), most_looked_at);
  for (std::size_t i = 0; i < looked_at; ++i) {
    const std::size_t at = (next_ + i) % publishers_.size();
    if (!publishers_[at]->is_idle()) continue;
    next_ = at;
    return;
  }
}

void LoadRun::replied(Publisher& publisher, std::size_t count) {
  if (phase_ == Phase::draining) return finish_when_answered();
  if (!plan_.pace.rate_per_s)
    publisher.offer(count, clock_.elapsed_ns());
  else if (!one_at_a_time_)
    return;  // all that was due is on its way
  publisher.connection().flush();
}

void LoadRun::delivered() {
  if (phase_ == Phase::draining) finish_when_answered();
}

void LoadRun::lost(std::string_view why) {
  if (phase_ == Phase::connecting)
    cannot_connect(fmt::format("before the load began: {}", why), "or correct --to");
  if (phase_ == Phase::draining) finish_when_answered();
}

void LoadRun::report_progress(std::size_t which, std::int64_t at_ns) {
  progress_timers_[which].expires_at(clock_.at(at_ns));
  progress_timers_[which].async_wait([this, which, at_ns](error_code error) {
    if (error || phase_ != Phase::sending) return;
    if (!progress_[which].report(static_cast<double>(clock_.elapsed_ns()) * 1e-9, *result_)) {
      result_->unread = true;
      return io_.stop();
    }
    report_progress(which, at_ns + nanoseconds(progress_[which].period_s));
  });
}

// Once a second: what it takes for itself is part of its account.
void LoadRun::watch_itself(std::int64_t at_ns) {
  self_timer_.expires_at(clock_.at(at_ns));
  self_timer_.async_wait([this, at_ns](error_code error) {
    if (error || phase_ != Phase::sending) return;
    note_own_use();
    if (at_ns >= end_ns_ / 10 && result_->self.settled.rss_bytes == 0)
      result_->self.settled = result_->self.now;
    watch_itself(at_ns + second_ns);
  });
}

void LoadRun::note_own_use() {
  SelfFigures& self = result_->self;
  if (phase_ == Phase::sending) self.lasted_s = static_cast<double>(clock_.elapsed_ns()) * 1e-9;
  self.now = own_use();
  double backlog_bytes = 0;
  for (const auto& publisher : publishers_) backlog_bytes += static_cast<double>(publisher->backlog_bytes());
  self.backlog_bytes = std::max(self.backlog_bytes, backlog_bytes);
  std::size_t given_back = 0;
  for (const auto& publisher : publishers_) given_back += publisher->give_back();
  if (given_back > 0) malloc_trim(0);  // glibc would keep it
}

void LoadRun::stop_sending() {
  note_own_use();
  phase_ = Phase::draining;
  for (auto& publisher : publishers_) publisher->drop_waiting();
  if (cluster_) cluster_->drop_waiting();
  timer_.expires_after(answer_patience);
  timer_.async_wait([this](error_code error) {
    if (!error) io_.stop();
  });
  finish_when_answered();
}

void LoadRun::finish_when_answered() {
  const bool delivered = !result_->deliveries || result_->deliveries->account().lost == 0;
  if (result_->ledger.in_flight() == 0 && delivered) io_.stop();
}

}  // namespace

std::unique_ptr<LoadResult> run_load(const LoadPlan& plan, const std::vector<Progress>& progress) {
  return LoadRun(plan, progress).run();
}

}  // namespace soakline
