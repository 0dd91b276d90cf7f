#include "loadgen/deliveries.hpp"

#include <algorithm>

#include "loadgen/stamp.hpp"

namespace soakline {

Deliveries::Deliveries(std::size_t publishers, std::size_t subscribers)
    : publishers_(publishers), subscribers_(subscribers), next_(publishers * subscribers) {}

void Deliveries::not_published(std::size_t publisher, std::uint64_t from, std::uint64_t until) {
  auto& uncertain = publishers_[publisher].uncertain;
  if (!uncertain.empty() && uncertain.back().until == from)
    uncertain.back().until = until;
  else if (from < until)
    uncertain.insert(
        std::upper_bound(uncertain.begin(), uncertain.end(), from,
                         [](std::uint64_t value, const Range& range) { return value < range.from; }),
        {from, until});
}

void Deliveries::subscribed(std::size_t subscriber) {
  Subscriber& who = subscribers_[subscriber];
  who.subscribed = true;
  for (std::size_t publisher = 0; publisher < publishers_.size(); ++publisher) {
    std::uint64_t& next = next_of(subscriber, publisher);
    const std::uint64_t published = publishers_[publisher].next;
    if (next < published) who.missing.push_back({publisher, {next, published}, true});
    next = published;
  }
}

void Deliveries::arrived(std::size_t subscriber, std::string_view payload, std::int64_t now_ns) {
  const auto stamp = read_stamp(payload);
  if (!stamp || stamp->publisher >= publishers_.size() ||
      stamp->sequence >= publishers_[stamp->publisher].next) {
    ++seen_.corrupted;
    return;
  }
  std::uint64_t& next = next_of(subscriber, stamp->publisher);
  if (stamp->sequence == next) {
    ++next;
    ++seen_.delivered;
  } else {
    out_of_order(subscriber, stamp->publisher, stamp->sequence);
  }
  from_intended_.record(now_ns - stamp->intended_ns);
}

void Deliveries::out_of_order(std::size_t subscriber, std::size_t publisher, std::uint64_t sequence) {
  std::uint64_t& next = next_of(subscriber, publisher);
  Subscriber& who = subscribers_[subscriber];
  if (sequence > next) {
    who.missing.push_back({publisher, {next, sequence}, false});
    next = sequence + 1;
    ++seen_.delivered;
  } else if (take_missing(who, publisher, sequence)) {
    ++seen_.delivered;
  } else {
    ++seen_.duplicated;
  }
}

// Whether it was missing; what was not expected any more is no re-ordering.
bool Deliveries::take_missing(Subscriber& subscriber, std::size_t publisher, std::uint64_t sequence) {
  auto& missing = subscriber.missing;
  const auto gap = std::find_if(missing.begin(), missing.end(), [&](const Missing& each) {
    return each.publisher == publisher && sequence >= each.range.from && sequence < each.range.until;
  });
  if (gap == missing.end()) return false;
  if (!gap->explained) ++seen_.reordered;
  const Missing after{publisher, {sequence + 1, gap->range.until}, gap->explained};
  gap->range.until = sequence;
  const bool nothing_before = gap->range.from == gap->range.until;
  if (nothing_before) missing.erase(gap);
  if (after.range.from < after.range.until) missing.push_back(after);
  return true;
}

std::uint64_t Deliveries::uncertain_within(std::size_t publisher, Range range) const {
  std::uint64_t count = 0;
  for (const Range& each : publishers_[publisher].uncertain) {
    const std::uint64_t from = std::max(each.from, range.from);
    const std::uint64_t until = std::min(each.until, range.until);
    if (from < until) count += until - from;
  }
  return count;
}

Deliveries::Account Deliveries::account() const {
  Account account = seen_;
  const auto miss = [&](std::size_t publisher, Range range, bool explained) {
    const std::uint64_t all = range.until - range.from;
    const std::uint64_t known = explained ? all : uncertain_within(publisher, range);
    account.explained += known;
    account.lost += all - known;
  };
  for (std::size_t s = 0; s < subscribers_.size(); ++s) {
    for (const Missing& missing : subscribers_[s].missing)
      miss(missing.publisher, missing.range, missing.explained);
    for (std::size_t p = 0; p < publishers_.size(); ++p)
      miss(p, {next_[s * publishers_.size() + p], publishers_[p].next}, !subscribers_[s].subscribed);
  }
  return account;
}

}  // namespace soakline
