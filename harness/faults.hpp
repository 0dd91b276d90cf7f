// Carries a run's timeline out: begins each fault when it is due, ends it, and tells of both. It knows no
// clock and no process: hands do what a fault does.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "harness/fault_timeline.hpp"
#include "harness/judge/recording.hpp"

namespace soakline {

// Does what faults do to one service, target or link, one after the other. RunError where it cannot.
class FaultHand {
 public:
  virtual ~FaultHand() = default;
  virtual void begin(const Fault& fault) = 0;
  // From its end on, until it is over: ends it, and says whether it is over. Never waits.
  virtual bool end(const Fault& fault) = 0;
  // What the last fault did, in numbers.
  virtual std::map<std::string, double> counts() const { return {}; }
  // Why it can do nothing any more, "" while it can.
  virtual std::string ended() { return ""; }
  // The run is over, amid a fault: nothing is left stopped.
  virtual void abandon() {}
};

using FaultHands = std::map<std::string, std::unique_ptr<FaultHand>>;  // by what faults are on

// What has just happened: a fault has begun or, where `window` is closed, is over.
struct FaultNews {
  const Fault& fault;
  Window window;  // of samples that are no part of the trend, recovery included; never_s: it goes on
  double end_s = never_s;
  std::map<std::string, double> counts = {};

  bool begins() const { return end_s == never_s; }
};

class Faults {
 public:
  // Hands for all that the timeline's faults are on.
  Faults(std::vector<Fault> timeline, FaultHands hands);
  ~Faults() { abandon(); }
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  // When advance() has something to do; never_s once all are over.
  double next_s() const;
  // Ends and begins what is due. A fault that takes longer than planned holds up the next on the same thing.
  void advance(double now_s, const std::function<void(const FaultNews&)>& tell);
  std::string ended();
  bool under_way(const std::string& on, FaultKind kind) const;
  void abandon();

 private:
  struct Current {
    Fault fault;
    double begun_s, ends_s;
  };
  bool busy(const std::string& on) const;

  std::vector<Fault> waiting_;  // sorted by their beginnings
  std::vector<Current> current_;
  FaultHands hands_;
  double asked_s_ = -never_s;  // when a fault was last asked whether it is over
};

}  // namespace soakline
