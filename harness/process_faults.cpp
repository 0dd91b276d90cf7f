#include "harness/process_faults.hpp"

#include <fmt/format.h>

#include <csignal>

#include "harness/redis_client.hpp"

namespace soakline {
namespace {

class TargetHand final : public FaultHand {
 public:
  explicit TargetHand(RunningTarget& target) : target_(target) {}
  void begin(const Fault&) override { target_.send_to_tree(SIGSTOP); }
  bool end(const Fault&) override {
    abandon();
    return true;
  }
  void abandon() override { target_.send_to_tree(SIGCONT); }

 private:
  RunningTarget& target_;
};

class ServiceHand final : public FaultHand {
 public:
  // `service`: null where only its address is known.
  ServiceHand(RunningService* service, std::string address)
      : service_(service), address_(std::move(address)) {}

  void begin(const Fault& fault) override {
    killed_.reset();
    if (fault.kind == FaultKind::stop) return service_->send_to_tree(SIGSTOP);
    if (fault.kind == FaultKind::kill) return service_->take_away(SIGKILL);
    if (fault.kind == FaultKind::restart) return service_->take_away(SIGTERM);
    killed_ = kill_redis_clients(address_, std::get<std::string>(fault.parameters.at("type")));
    if (!killed_)
      throw RunError(
          fmt::format("fault on {}: the redis at {} does not do CLIENT KILL TYPE", fault.on, address_));
  }

  bool end(const Fault& fault) override {
    if (fault.kind == FaultKind::client_kill) return true;
    if (fault.kind != FaultKind::stop) return service_->bring_back();
    abandon();
    return true;
  }

  void abandon() override {
    if (service_ != nullptr) service_->send_to_tree(SIGCONT);
  }

  std::map<std::string, double> counts() const override {
    if (!killed_) return {};
    return {{"connections", static_cast<double>(*killed_)}};
  }

 private:
  RunningService* service_;
  std::string address_;
  std::optional<long long> killed_;
};

}  // namespace

FaultHands add_process_hands(FaultHands hands, const std::vector<Fault>& timeline, Services& services,
                             RunningTarget& target, const Placeholders& values) {
  for (const Fault& fault : timeline) {
    auto& hand = hands[fault.on];
    if (hand) continue;
    if (fault.on == "target")
      hand = std::make_unique<TargetHand>(target);
    else
      hand = std::make_unique<ServiceHand>(services.find(fault.on), values.at(fault.on));
  }
  return hands;
}

}  // namespace soakline
