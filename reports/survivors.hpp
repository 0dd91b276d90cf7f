// What lives of the blocks that the places behind one piece of evidence bore, from a run's counts by site.
#pragma once

#include <optional>
#include <vector>

#include "harness/run_record.hpp"
#include "reports/figure.hpp"

namespace soakline {

struct Survivors {
  Trace over_time;                          // bytes, look by look
  std::vector<double> by_epoch;             // bytes, at the end
  double blocks = 0, bytes = 0;             // at the end
  std::optional<double> first_born_s = {};  // when the first began to be born that lived to the age
};

Survivors survivors_of(const Recording& recording, const Evidence& evidence);

}  // namespace soakline
