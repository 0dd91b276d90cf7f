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

constexpr double longest_s = 366 * 86'400.0;
constexpr double largest_value = 1e18;  // an exabyte: beyond is no measurement

struct Column {
  std::string name;
  std::vector<double>* values;
  double least, most;
};

// What is measured of a process has bounds; other columns are only kept.
Column column_for(const std::string& name, std::vector<double>& values) {
  constexpr double most_tasks = 4'194'304;  // Linux counts no more threads
  if (name == "threads" || name == "descriptors") return {name, &values, 0, most_tasks};
  if (name == "rss_bytes" || name == "cpu_s" || name == "operations")
    return {name, &values, 0, largest_value};
  return {name, &values, -largest_value, largest_value};
}

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
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  if (text.empty())
    fail(1, "has no complete line; write a header such as time_s,rss_bytes and end every line");
  std::string_view header = take(text, '\n');
  if (bare(take(header, ',')) != "time_s")
    fail(1, "the first column must be time_s; write a header such as time_s,rss_bytes");
  Table table;
  std::vector<Column> columns;
  while (!header.empty()) {
    const std::string column(bare(take(header, ',')));
    if (column == "time_s" || table.columns.contains(column))
      fail(1, fmt::format("column '{}' is there twice; remove one", column));
    columns.push_back(column_for(column, table.columns[column]));
  }

  for (std::size_t number = 2; !text.empty(); ++number) {
    std::string_view line = take(text, '\n');
    if (bare(line).empty()) continue;
    const auto cell = [&]() {
      const std::string_view written = bare(take(line, ','));
      if (written.empty()) return missing;
      double value = 0;
      const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
      if (error != std::errc() || end != written.data() + written.size() ||
          !(std::abs(value) <= largest_value))
        fail(number,
             fmt::format(
                 "'{}' is not a number that was measured; leave a cell empty where nothing was measured",
                 written));
      return value;
    };
    const double time_s = cell();
    if (std::isnan(time_s)) fail(number, "time_s is empty");
    if (time_s < 0 || time_s > longest_s)
      fail(number, "time_s counts seconds since the start, a year at most; subtract the first from all");
    if (!table.time_s.empty() && time_s < table.time_s.back())
      fail(number, "time_s goes back; sort the rows by it");
    table.time_s.push_back(time_s);
    for (const Column& column : columns) {
      const double value = cell();
      if (value < column.least || value > column.most)
        fail(number, fmt::format("{} cannot be {:g}; leave a cell empty where nothing was measured",
                                 column.name, value));
      column.values->push_back(value);
    }
    if (!line.empty()) fail(number, "has more cells than the header");
  }
  return table;
}

Table read_samples(const std::filesystem::path& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input || std::filesystem::is_directory(file))
    throw ScenarioError(
        fmt::format("{}: cannot be read; give a run's folder or a samples.csv", file.string()));
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  return parse_samples(text, file.string());
}

}  // namespace soakline
