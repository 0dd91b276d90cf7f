#include "loadgen/devices/device_timeline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace soakline {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

}  // namespace

DeviceTimeline::DeviceTimeline(const DevicesPlan& plan)
    : device_(0, plan.connections - 1),
      storms_(plan.storms),
      payload_(plan.payload),
      message_random_(seeded(plan.seed, Purpose::messages)),
      device_random_(seeded(plan.seed, Purpose::devices)),
      churn_random_(seeded(plan.seed, Purpose::churn)),
      storm_random_(seeded(plan.seed, Purpose::storms)),
      storm_due_ns_(storms_ ? std::llround(storms_->first_s * 1e9) : never) {
  if (plan.messages)
    messages_.emplace(plan.messages->arrivals, *plan.messages->rate_per_s, plan.seed, plan.messages->shape,
                      plan.messages->idle);
  if (plan.churn_per_s > 0)
    churns_.emplace(Arrivals::poisson, plan.churn_per_s, plan.seed, RateShape{}, Idle{}, Purpose::churn);
  if (storms_) {
    order_.resize(plan.connections);
    std::iota(order_.begin(), order_.end(), 0U);
  }
}

std::int64_t DeviceTimeline::message_due_ns() const {
  return messages_ ? messages_->due_ns() : never;
}

std::int64_t DeviceTimeline::churn_due_ns() const {
  return churns_ ? churns_->due_ns() : never;
}

std::int64_t DeviceTimeline::due_ns() const {
  return std::min({message_due_ns(), churn_due_ns(), storm_due_ns_});
}

DeviceEvent DeviceTimeline::next() {
  const std::int64_t due = due_ns();
  const DeviceEvent event = due == storm_due_ns_    ? next_storm()
                            : due == churn_due_ns() ? next_churn()
                                                    : next_message();
  enter(event);
  return event;
}

DeviceEvent DeviceTimeline::next_message() {
  DeviceEvent event{DeviceEvent::Kind::message, messages_->due_ns(), device_(device_random_), {}, {}};
  bytes_.clear();
  const std::size_t size = payload_.next_size(message_random_);
  payload_.append(bytes_, size, {0, sequence_++, event.due_ns}, message_random_);
  event.payload = bytes_;
  messages_->advance();
  return event;
}

DeviceEvent DeviceTimeline::next_churn() {
  const DeviceEvent event{DeviceEvent::Kind::churn, churns_->due_ns(), device_(churn_random_), {}, {}};
  churns_->advance();
  return event;
}

// The first steps of a shuffle (Fisher and Yates), which leave so many random devices in front.
DeviceEvent DeviceTimeline::next_storm() {
  const DeviceEvent event{
      DeviceEvent::Kind::storm, storm_due_ns_, 0, {}, std::span(order_).first(storms_->devices)};
  for (std::uint32_t i = 0; i < storms_->devices; ++i) {
    boost::random::uniform_int_distribution<std::size_t> any_left(i, order_.size() - 1);
    std::swap(order_[i], order_[any_left(storm_random_)]);
  }
  storm_due_ns_ = storms_->period_s > 0 ? storm_due_ns_ + std::llround(storms_->period_s * 1e9) : never;
  return event;
}

void DeviceTimeline::enter(const DeviceEvent& event) {
  const auto word = [&](std::uint32_t device) {
    return static_cast<std::int64_t>(event.kind) << 32 | static_cast<std::int64_t>(device);
  };
  hash_.add(event.payload, event.due_ns);
  if (event.kind != DeviceEvent::Kind::storm) return hash_.add({}, word(event.device));
  for (const std::uint32_t device : event.devices) hash_.add({}, word(device));
}

}  // namespace soakline
