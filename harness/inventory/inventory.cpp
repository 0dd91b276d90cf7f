#include "harness/inventory/inventory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::size_t most_told = 3;
constexpr double least_share = 0.05;      // of the drift: what is less explains nothing
constexpr double least_own_share = 0.01;  // of what the program defines: most of its bytes are in strings

std::string grouped(double number) {
  std::string digits = fmt::format("{:.0f}", number);
  for (std::size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits;
}

std::string told(const Grown& line) {
  const std::string more = line.by.count > 0 ? grouped(line.by.count) + " more, " : "";
  return fmt::format("{}: {}{}{}", line.name, more, format_bytes(line.by.bytes), more.empty() ? " more" : "");
}

}  // namespace

void Inventory::add(const std::string& name, const Held& more) {
  Held& all = held[name];
  all.count += more.count;
  all.bytes += more.bytes;
  all.of_runtime = more.of_runtime;
}

std::vector<Grown> grown(const Inventory& before, const Inventory& now) {
  std::vector<Grown> found;
  for (const auto& [name, held] : now.held) {
    const auto old = before.held.find(name);
    const Held was = old == before.held.end() ? Held{} : old->second;
    const Held by{held.count - was.count, held.bytes - was.bytes, held.of_runtime};
    if (by.bytes > 0) found.push_back({name, by});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Grown& a, const Grown& b) { return a.by.bytes > b.by.bytes; });
  return found;
}

std::vector<Evidence> inventory_evidence(const std::string& kind, const std::vector<Grown>& grown,
                                         double to_drift, std::optional<double> drift_per_day) {
  double all = 0;
  for (const Grown& line : grown) all += line.by.bytes * to_drift;
  const double whole = std::max(all, drift_per_day.value_or(0));
  std::vector<Grown> telling;
  for (const Grown& line : grown)
    if (line.by.bytes * to_drift >= (line.by.of_runtime ? least_share : least_own_share) * whole)
      telling.push_back(line);
  std::stable_partition(telling.begin(), telling.end(),
                        [](const Grown& line) { return !line.by.of_runtime; });
  // A kind that knows nothing of the runtime's own is cut as that is.
  const bool own = std::any_of(grown.begin(), grown.end(), [](const Grown& g) { return g.by.of_runtime; });
  std::vector<Evidence> found;
  for (const Grown& line : telling) {
    const double per_day = line.by.bytes * to_drift, share = per_day / whole;
    if (found.size() == most_told || (!own && share < least_share)) break;
    found.push_back({Metric::memory, kind, per_day, std::min(1.0, share), {told(line)}});
  }
  return found;
}

}  // namespace soakline
