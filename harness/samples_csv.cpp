#include "harness/samples_csv.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "harness/judge/recording.hpp"
#include "harness/scenario.hpp"

namespace soakline {
namespace {

std::string_view take(std::string_view& text, char end) {
  const auto at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::string_view bare(std::string_view cell) {
  const auto first = cell.find_first_not_of(" \t\r\"");
  if (first == std::string_view::npos) return {};
  return cell.substr(first, cell.find_last_not_of(" \t\r\"") - first + 1);
}

}  // namespace

std::vector<double> Table::column(std::string_view name) const {
  const auto found = columns.find(name);
  return found == columns.end() ? std::vector<double>() : found->second;
}

Table parse_samples(std::string_view text, const std::string& name) {
  const auto fail = [&](std::size_t line, std::string_view what) {
    throw ScenarioError(fmt::format("{}:{}: {}", name, line, what));
  };
  // What follows the last line end was being written when the recorder died.
  text = text.substr(0, text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
  std::string_view header = take(text, '\n');
  if (bare(take(header, ',')) != "time_s")
    fail(1, "the first column must be time_s; write a header such as time_s,rss_bytes");
  Table table;
  std::vector<std::vector<double>*> columns;
  while (!header.empty()) columns.push_back(&table.columns[std::string(bare(take(header, ',')))]);

  for (std::size_t number = 2; !text.empty(); ++number) {
    std::string_view line = take(text, '\n');
    if (bare(line).empty()) continue;
    const auto cell = [&]() {
      const std::string_view written = bare(take(line, ','));
      if (written.empty()) return missing;
      double value = 0;
      const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
      if (error != std::errc() || end != written.data() + written.size() || std::isinf(value))
        fail(number,
             fmt::format("'{}' is not a number; leave a cell empty where nothing was measured", written));
      return value;
    };
    const double time_s = cell();
    if (std::isnan(time_s)) fail(number, "time_s is empty");
    if (!table.time_s.empty() && time_s < table.time_s.back())
      fail(number, "time_s goes back; sort the rows by it");
    table.time_s.push_back(time_s);
    for (auto* column : columns) column->push_back(cell());
    if (!line.empty()) fail(number, "has more cells than the header");
  }
  return table;
}

Table read_samples(const std::filesystem::path& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input)
    throw ScenarioError(
        fmt::format("{}: cannot be read; give a run's folder or a samples.csv", file.string()));
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  return parse_samples(text, file.string());
}

}  // namespace soakline
