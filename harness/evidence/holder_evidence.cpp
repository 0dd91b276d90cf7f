#include "harness/evidence/holder_evidence.hpp"

#include <algorithm>

namespace soakline {

Evidence holder_evidence(double share, const HolderLook& answer) {
  Evidence one{Metric::memory, "holder", 0, 0, answer.chain};
  const auto survivors = static_cast<double>(std::max<std::uint64_t>(answer.survivors, 1));
  one.share = share * static_cast<double>(answer.held) / survivors;
  const double lost = static_cast<double>(answer.lost.size()) / survivors;
  if (answer.chain.empty() && !answer.lost.empty()) {
    one.share = share * lost;
    one.frames = {no_pointer_found};
  }
  if (answer.hangs_on > 0) one.frames.at(answer.hangs_on) += " (all hang on it)";
  if (!answer.incomplete.empty() && !one.frames.empty()) one.frames.back() += " (" + answer.incomplete + ")";
  return one;
}

}  // namespace soakline
