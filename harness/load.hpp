// soakline-load as a process of its own, and what it says of its progress.
#pragma once

#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/placeholders.hpp"
#include "harness/process.hpp"
#include "harness/readiness.hpp"

namespace soakline {

class Load {
 public:
  // Goes to the address `to`. Every line of progress goes to `on_progress` as it comes. RunError if it cannot
  // be started.
  Load(EventLoop& loop, const Scenario& scenario, const std::string& to,
       std::function<void(const nlohmann::json&)> on_progress);

  double operations() const { return progress_->answered; }
  double failures() const { return progress_->failed; }
  bool idle() const { return progress_->idle; }  // as planned
  // Why it is no load any more, "" while it runs.
  std::string ended();
  void stop(EventLoop& loop);

 private:
  struct Progress {
    double answered = 0, failed = 0;
    bool idle = false;
    std::string last_words;
  };
  std::shared_ptr<Progress> progress_ = std::make_shared<Progress>();
  std::unique_ptr<Process> process_;
};

}  // namespace soakline
