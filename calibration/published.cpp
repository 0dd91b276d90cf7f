#include "calibration/published.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include <boost/algorithm/string/split.hpp>

#include "harness/scenario.hpp"

namespace soakline {
namespace {

constexpr const char* header = "trace,signal,verdict,minute,reason";

using ByName = std::map<std::pair<std::string, std::string>, PublishedVerdict>;

ByName by_name(const std::vector<PublishedVerdict>& verdicts) {
  ByName result;
  for (const PublishedVerdict& verdict : verdicts) result[{verdict.trace, verdict.signal}] = verdict;
  return result;
}

}  // namespace

PublishedVerdict published(Signal signal, const Judged& judged) {
  return {judged.trial.name(), std::string(name_of(signal)), std::string(name_of(judged.memory.verdict)),
          std::lround(judged.memory.decided_at_s.value_or(0) / 60), ""};
}

std::vector<PublishedVerdict> read_published(const std::filesystem::path& file) {
  std::ifstream input(file);
  std::string line;
  if (!std::getline(input, line) || line != header)
    throw ScenarioError(
        fmt::format("{}: no published verdicts; its first line must be {}", file.string(), header));
  std::vector<PublishedVerdict> verdicts;
  while (std::getline(input, line)) {
    std::vector<std::string> cells;
    boost::split(cells, line, [](char c) { return c == ','; });
    if (cells.size() != 5)
      throw ScenarioError(fmt::format("{}: '{}' has not five cells", file.string(), line));
    verdicts.push_back({cells[0], cells[1], cells[2], std::strtol(cells[3].c_str(), nullptr, 10), cells[4]});
  }
  return verdicts;
}

void write_published(const std::filesystem::path& file, std::vector<PublishedVerdict> verdicts) {
  std::sort(verdicts.begin(), verdicts.end(), [](const auto& a, const auto& b) {
    return std::tie(a.trace, a.signal) < std::tie(b.trace, b.signal);
  });
  std::ofstream output(file);
  output << header << '\n';
  for (const PublishedVerdict& v : verdicts)
    output << fmt::format("{},{},{},{},{}\n", v.trace, v.signal, v.verdict, v.minute, v.reason);
  if (!output.flush()) throw ScenarioError(fmt::format("{}: cannot be written", file.string()));
}

std::vector<std::string> verdict_changes(const std::vector<PublishedVerdict>& before,
                                         const std::vector<PublishedVerdict>& now) {
  const ByName old = by_name(before), fresh = by_name(now);
  std::vector<std::string> changes;
  for (const auto& [name, verdict] : old) {
    const auto found = fresh.find(name);
    const std::string is = found == fresh.end() ? "missing" : found->second.verdict;
    if (is != verdict.verdict)
      changes.push_back(
          fmt::format("{} by {}: was {} and is {}", name.first, name.second, verdict.verdict, is));
  }
  for (const auto& [name, verdict] : fresh)
    if (!old.contains(name))
      changes.push_back(fmt::format("{} by {}: was never published", name.first, name.second));
  return changes;
}

std::vector<PublishedVerdict> with_reasons(std::vector<PublishedVerdict> now,
                                           const std::vector<PublishedVerdict>& before,
                                           const std::string& reason) {
  const ByName old = by_name(before);
  for (PublishedVerdict& verdict : now) {
    const auto found = old.find({verdict.trace, verdict.signal});
    if (found == old.end()) continue;
    verdict.reason = found->second.verdict == verdict.verdict ? found->second.reason : reason;
  }
  return now;
}

}  // namespace soakline
