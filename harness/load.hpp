// The load as a process of its own, soakline-load or any other program, and what it says of its progress.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/load_account.hpp"
#include "harness/log_file.hpp"
#include "harness/placeholders.hpp"
#include "harness/process.hpp"
#include "harness/readiness.hpp"

namespace soakline {

class Load {
 public:
  using OnProgress = std::function<void(const nlohmann::json&)>;

  // Goes to the address `to`; another program finds its way by `values`. Every line of soakline-load's
  // progress goes to `on_progress` as it comes; all that another program says, to load.log in `folder`.
  // RunError if it cannot be started, ScenarioError if that is the command's fault.
  Load(EventLoop& loop, const Scenario& scenario, const std::string& to, const std::filesystem::path& folder,
       const Placeholders& values, OnProgress on_progress);

  double operations() const { return account_->operations(); }
  double failures() const { return account_->failures(); }
  bool idle() const { return account_->idle(); }  // as planned
  // The last that it said of itself; after stop() of all of it.
  const nlohmann::json& account() const { return account_->latest(); }
  // Why it is no load any more, "" while it runs.
  std::string ended();
  void stop(EventLoop& loop);

 private:
  void start_generator(EventLoop& loop, std::vector<std::string> arguments, OnProgress on_progress);
  void start_program(EventLoop& loop, const std::filesystem::path& folder, const Placeholders& values);

  const LoadPlan& plan_;
  std::shared_ptr<LoadAccount> account_;
  std::unique_ptr<Process> process_;
};

}  // namespace soakline
