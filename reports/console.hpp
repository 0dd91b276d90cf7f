// Follows runs on the console: live lines redrawn in place on a terminal, a line a minute elsewhere, then
// verdicts.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/observer.hpp"
#include "reports/live_lines.hpp"

namespace soakline {

struct ScreenSize {
  int columns = 80;
  int rows = 24;
};

struct ConsoleOptions {
  bool terminal = false;
  bool colours = false;
  bool quiet = false;  // verdict lines alone
  // Asked before each redraw, as windows change their size.
  std::function<ScreenSize()> size = [] { return ScreenSize{}; };
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

// As the terminal behind a descriptor, $NO_COLOR and $TERM say.
ConsoleOptions console_options_for(int descriptor, bool quiet);

// Thread safe: several runs may report at a time. The stream must outlive it.
class ConsoleReport : public Observer {
 public:
  explicit ConsoleReport(std::ostream& out, ConsoleOptions options = {});
  ~ConsoleReport() override;
  ConsoleReport(const ConsoleReport&) = delete;
  ConsoleReport& operator=(const ConsoleReport&) = delete;

  void on_start(const RunInfo& info) override;
  void on_note(const RunInfo& info, const std::string& note) override;
  void on_suspect(const RunInfo& info, double time_s, const Evidence& suspect) override;
  void on_sample(const RunInfo& info, const Sample& sample) override;
  void on_look(const RunInfo& info, double time_s, const std::vector<MetricVerdict>& metrics) override;
  void on_verdict(const RunInfo& info, const RunResult& result) override;

  // A line for people that stays, above whatever is redrawn; not when quiet.
  void note(std::string_view line);

 private:
  using Key = std::string;
  static Key key_of(const RunInfo& info);
  LiveRun& run_of(const RunInfo& info);
  bool draws() const { return options_.terminal && !options_.quiet; }
  std::string erased();
  std::string drawn();
  std::vector<std::string> lines_for(const ScreenSize& size) const;
  void show(std::string_view staying_text);
  void redraw_if_due();

  std::mutex mutex_;
  std::ostream& out_;
  ConsoleOptions options_;
  std::vector<Key> order_;
  std::map<Key, LiveRun> runs_;
  std::size_t lines_on_screen_ = 0;
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace soakline
