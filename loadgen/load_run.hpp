// A whole run of the load generator: connect, send on time, wait for the last answers, account.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "loadgen/deliveries.hpp"
#include "loadgen/http_account.hpp"
#include "loadgen/ledger.hpp"
#include "loadgen/load_plan.hpp"
#include "loadgen/self_watch.hpp"

namespace soakline {

// The load could not be run at all; what() names the address and a fix.
struct LoadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct LoadResult {
  Ledger ledger;
  std::optional<Deliveries> deliveries;  // where there are subscribers
  std::optional<HttpAccount> http;       // of that kind
  SelfFigures self;
  double ended_s = 0;       // until the last answer that was waited for
  std::string stream_hash;  // of all that was offered; closed loop: of what each connection was given first
  bool unread = false;      // a report returned false

  double cpu_s() const { return self.now.cpu_s - self.begin.cpu_s; }
  double lasted_s() const { return self.lasted_s; }  // until sending stopped
};

struct Progress {
  double period_s;
  // Seconds since the start and the account so far; false ends the run at once.
  std::function<bool(double t_s, const LoadResult&)> report;
};

// Runs until the plan's time is over, or SIGTERM or SIGINT. LoadError, TemplateError.
std::unique_ptr<LoadResult> run_load(const LoadPlan& plan, const std::vector<Progress>& progress = {});

}  // namespace soakline
