#include "harness/samples_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>

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

// The upper bound of the class whose chunks the column counts; nothing where it is another column.
std::optional<double> chunk_class_in(std::string_view column) {
  if (!column.starts_with(chunk_column)) return std::nullopt;
  column.remove_prefix(chunk_column.size());
  double bytes = 0;
  const auto [end, error] = std::from_chars(column.data(), column.data() + column.size(), bytes);
  if (error != std::errc() || end != column.data() + column.size()) return std::nullopt;
  return bytes > 0 && bytes <= largest_value ? std::optional(bytes) : std::nullopt;
}

// Columns of chunks as they come in the file, and a row's cells of them.
struct ChunkColumns {
  std::vector<double> bounds, row;

  bool is_counted() const {
    return std::any_of(row.begin(), row.end(), [](double count) { return !std::isnan(count); });
  }
  bool is_complete() const {
    return std::none_of(row.begin(), row.end(), [](double count) { return std::isnan(count); });
  }
  // Places in a row, by ascending class.
  std::vector<std::size_t> ascending() const {
    std::vector<std::size_t> places(bounds.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::sort(places.begin(), places.end(), [this](auto a, auto b) { return bounds[a] < bounds[b]; });
    return places;
  }
};

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

// One text, from its header to its last complete line.
class SamplesText {
 public:
  SamplesText(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Table parse() {
    // What follows the last line end was being written when the recorder died.
    text_ = text_.substr(0, text_.rfind('\n') == std::string_view::npos ? 0 : text_.rfind('\n') + 1);
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // a byte order mark
    if (text_.empty())
      fail("has no complete line; write a header such as time_s,rss_bytes and end every line");
    read_header(take(text_, '\n'));
    while (!text_.empty()) {
      ++line_;
      const std::string_view row = take(text_, '\n');
      if (!bare(row).empty()) read_row(row);
    }
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw ScenarioError(fmt::format("{}:{}: {}", name_, line_, what));
  }

  void read_header(std::string_view header) {
    if (bare(take(header, ',')) != "time_s")
      fail("the first column must be time_s; write a header such as time_s,rss_bytes");
    while (!header.empty()) {
      const std::string column(bare(take(header, ',')));
      const std::optional<double> bound = chunk_class_in(column);
      if (column == "time_s" || table_.columns.contains(column) ||
          (bound && std::find(chunks_.bounds.begin(), chunks_.bounds.end(), *bound) != chunks_.bounds.end()))
        fail(fmt::format("column '{}' is there twice; remove one", column));
      if (bound) chunks_.bounds.push_back(*bound);
      columns_.push_back(bound ? Column{column, &chunks_.row, 0, largest_value}
                               : column_for(column, table_.columns[column]));
    }
    places_ = chunks_.ascending();
    for (const std::size_t place : places_) table_.chunk_classes_bytes.push_back(chunks_.bounds[place]);
  }

  void read_row(std::string_view row) {
    const double time_s = cell(row);
    if (std::isnan(time_s)) fail("time_s is empty");
    if (time_s < 0 || time_s > longest_s)
      fail("time_s counts seconds since the start, a year at most; subtract the first from all");
    if (!table_.time_s.empty() && time_s < table_.time_s.back())
      fail("time_s goes back; sort the rows by it");
    table_.time_s.push_back(time_s);
    chunks_.row.clear();
    for (const Column& column : columns_) {
      const double value = cell(row);
      if (value < column.least || value > column.most)
        fail(fmt::format("{} cannot be {:g}; leave a cell empty where nothing was measured", column.name,
                         value));
      column.values->push_back(value);
    }
    if (!row.empty()) fail("has more cells than the header");
    if (chunks_.is_counted()) keep_walk(time_s);
  }

  double cell(std::string_view& row) const {
    const std::string_view written = bare(take(row, ','));
    if (written.empty()) return missing;
    double value = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc() || end != written.data() + written.size() || !(std::abs(value) <= largest_value))
      fail(fmt::format(
          "'{}' is not a number that was measured; leave a cell empty where nothing was measured", written));
    return value;
  }

  void keep_walk(double time_s) {
    if (!chunks_.is_complete())
      fail("some cells of chunks_ are empty; write 0 where there are none, or leave all of them empty");
    ChunkWalk& walk = table_.chunk_walks.emplace_back(ChunkWalk{time_s, {}});
    for (const std::size_t place : places_) walk.counts.push_back(static_cast<float>(chunks_.row[place]));
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t line_ = 1;
  Table table_;
  std::vector<Column> columns_;  // they point into table_ and chunks_
  ChunkColumns chunks_;
  std::vector<std::size_t> places_;
};

}  // namespace

std::vector<double> Table::column(std::string_view name) const {
  const auto found = columns.find(name);
  return found == columns.end() ? std::vector<double>() : found->second;
}

Table parse_samples(std::string_view text, const std::string& name) {
  return SamplesText(text, name).parse();
}

Recording recording_of(Table table) {
  Recording recording;
  for (const auto& [name, column] : {std::pair{"rss_bytes", &Recording::rss_bytes},
                                     {"heap_live_bytes", &Recording::heap_live_bytes},
                                     {"heap_aged_bytes", &Recording::heap_aged_bytes},
                                     {"heap_slack_bytes", &Recording::heap_slack_bytes},
                                     {"threads", &Recording::threads},
                                     {"descriptors", &Recording::descriptors},
                                     {"cpu_s", &Recording::cpu_s},
                                     {"operations", &Recording::operations}})
    recording.*column = table.column(name);
  recording.time_s = std::move(table.time_s);
  recording.chunk_classes_bytes = std::move(table.chunk_classes_bytes);
  recording.chunk_walks = std::move(table.chunk_walks);
  return recording;
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
