#include "reports/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "reports/escape.hpp"
#include "reports/numbers.hpp"
#include "reports/verdict_text.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

constexpr auto redraw_every = std::chrono::milliseconds(200);
constexpr double log_every_s = 60;

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

ConsoleOptions console_options_for(int descriptor, bool quiet) {
  const char* term = std::getenv("TERM");
  ConsoleOptions options;
  options.quiet = quiet;
  options.terminal = isatty(descriptor) == 1 && term != nullptr && std::string_view(term) != "dumb";
  options.colours = options.terminal && !is_set("NO_COLOR");
  options.size = [descriptor] {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
      return ScreenSize{};
    return ScreenSize{size.ws_col, size.ws_row};
  };
  return options;
}

ConsoleReport::ConsoleReport(std::ostream& out, ConsoleOptions options)
    : out_(out), options_(std::move(options)) {}

ConsoleReport::~ConsoleReport() {
  const std::lock_guard lock(mutex_);
  if (lines_on_screen_ > 0) out_ << erased() << std::flush;
}

ConsoleReport::Key ConsoleReport::key_of(const RunInfo& info) {
  return info.scenario + '\n' + info.variant + '\n' + info.folder.string();
}

LiveRun& ConsoleReport::run_of(const RunInfo& info) {
  const Key key = key_of(info);
  const auto [run, is_new] = runs_.try_emplace(key);
  if (is_new) {
    run->second.info = info;
    order_.push_back(key);
  }
  return run->second;
}

void ConsoleReport::on_start(const RunInfo& info) {
  const std::lock_guard lock(mutex_);
  LiveRun& run = run_of(info);
  run.last.time_s = 0;
  if (options_.quiet) return;
  if (draws()) return show("");
  std::string line = fmt::format("{}  started, at most {}, seed {}", printable(title_of(info), 200),
                                 duration_text(info.settings.time_s), info.seed);
  if (info.settings.compression != 1) line += ", declared " + compression_text(info.settings.compression);
  show(line + "\n");
}

void ConsoleReport::on_note(const RunInfo& info, const std::string& text) {
  note(fmt::format("{}  {}", printable(title_of(info), 200), printable(text, 700)));
}

void ConsoleReport::on_suspect(const RunInfo& info, double time_s, const Evidence& suspect) {
  if (!options_.quiet) note(suspect_text(info, time_s, suspect));
}

void ConsoleReport::on_sample(const RunInfo& info, const Sample& sample) {
  const std::lock_guard lock(mutex_);
  LiveRun& run = run_of(info);
  run.last = sample;
  if (options_.quiet) return;
  if (draws()) return redraw_if_due();
  const int minutes = static_cast<int>(sample.time_s / log_every_s);
  if (minutes <= run.minutes_told) return;
  run.minutes_told = minutes;
  show(log_line(run) + "\n");
}

void ConsoleReport::on_look(const RunInfo& info, double, const std::vector<MetricVerdict>& metrics) {
  const std::lock_guard lock(mutex_);
  run_of(info).metrics = metrics;
  if (draws()) redraw_if_due();
}

void ConsoleReport::on_verdict(const RunInfo& info, const RunResult& result) {
  const std::lock_guard lock(mutex_);
  const Key key = key_of(info);
  runs_.erase(key);
  order_.erase(std::remove(order_.begin(), order_.end(), key), order_.end());
  std::string text = format_verdict(info, result, {options_.colours, options_.quiet});
  if (options_.terminal) text = folded(text, static_cast<std::size_t>(std::max(40, options_.size().columns)));
  show(text);
}

void ConsoleReport::note(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (!options_.quiet) show(printable(line) + "\n");
}

// One write: a frame in two would flicker.
void ConsoleReport::show(std::string_view staying_text) {
  std::string text = erased();
  text += staying_text;
  if (draws()) text += drawn();
  out_ << text << std::flush;
  last_draw_ = options_.now();
}

void ConsoleReport::redraw_if_due() {
  if (options_.now() - last_draw_ >= redraw_every) show("");
}

std::string ConsoleReport::erased() {
  if (lines_on_screen_ == 0) return "";
  return fmt::format("\r\x1b[{}A\x1b[J", std::exchange(lines_on_screen_, 0));
}

// Without the terminal's own wrapping: a line that became two would be left behind at the next redraw.
std::string ConsoleReport::drawn() {
  if (runs_.empty()) return "";
  std::string text = "\x1b[?7l";
  const auto lines = lines_for(options_.size());
  for (const std::string& line : lines) text += line + "\n";
  lines_on_screen_ = lines.size();
  return text + "\x1b[?7h";
}

std::vector<std::string> ConsoleReport::lines_for(const ScreenSize& size) const {
  const auto columns = static_cast<std::size_t>(std::max(20, size.columns - 1));
  const auto rows = static_cast<std::size_t>(std::max(2, size.rows - 1));
  std::vector<std::string> lines, titles;
  for (const Key& key : order_) {
    const LiveRun& run = runs_.at(key);
    titles.push_back(live_title(run, columns, options_.colours));
    const auto block = live_lines(run, columns, options_.colours);
    lines.insert(lines.end(), block.begin(), block.end());
  }
  if (lines.size() <= rows) return lines;
  if (titles.size() <= rows) return titles;
  const std::size_t hidden = titles.size() - rows + 1;
  titles.resize(rows - 1);
  titles.push_back(cut_to(fmt::format("and {} more", hidden), columns));
  return titles;
}

}  // namespace soakline
