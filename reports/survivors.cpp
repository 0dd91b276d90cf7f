#include "reports/survivors.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace soakline {

Survivors survivors_of(const Recording& recording, const Evidence& evidence) {
  const std::set<std::uint32_t> sites(evidence.sites.begin(), evidence.sites.end());
  Survivors survivors{{}, std::vector<double>(recording.epochs.size())};
  std::map<std::pair<std::uint32_t, std::uint32_t>, CohortCount> known;
  for (const CohortCount& count : recording.cohorts) {
    if (survivors.over_time.empty() || survivors.over_time.back().first != count.time_s)
      survivors.over_time.emplace_back(count.time_s, survivors.bytes);
    if (!sites.contains(count.site)) continue;
    CohortCount& before = known[{count.site, count.epoch}];
    survivors.blocks += count.blocks - before.blocks;
    survivors.bytes += count.bytes - before.bytes;
    survivors.by_epoch[count.epoch] += count.bytes - before.bytes;
    before = count;
    survivors.over_time.back().second = survivors.bytes;
    const double born_s = std::max(0.0, recording.epochs[count.epoch].from_s);
    if (count.blocks > 0) survivors.first_born_s = std::min(born_s, survivors.first_born_s.value_or(born_s));
  }
  return survivors;
}

}  // namespace soakline
