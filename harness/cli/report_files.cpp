#include "harness/cli/report_files.hpp"

#include "harness/run_folder.hpp"
#include "harness/samples_csv.hpp"
#include "reports/html.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"

namespace soakline {

std::string write_reports(const std::filesystem::path& folder) try {
  const RecordedRun run = read_run(folder);
  write_atomically(folder / "report.html", html_report(run));
  write_atomically(folder / "junit.xml", junit_report({run}));
  write_atomically(folder / "report.md", markdown_report({run}));
  return "";
} catch (const std::exception& error) {
  return std::string("no report: ") + error.what();
}

std::string write_index(const std::filesystem::path& out) try {
  if (run_folders(out).empty()) return "";
  std::vector<RecordedRun> runs;
  for (const auto& folder : run_folders(out)) try {
      runs.push_back(read_run_summary(folder));
    } catch (const std::exception&) {
      continue;  // a folder that is not whole does not hide the others
    }
  write_atomically(out / "index.html", html_index(runs));
  return "";
} catch (const std::exception& error) {
  return std::string("no index: ") + error.what();
}

}  // namespace soakline
