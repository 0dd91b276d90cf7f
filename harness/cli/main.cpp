// soakline: soaks a program under load and fails the build when it drifts.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iostream>

#include "harness/cli/flags.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/environment.hpp"
#include "harness/readiness.hpp"
#include "reports/escape.hpp"

namespace {

using namespace soakline;

constexpr int usage_error = 2, invalid = 4;

void add_run(CLI::App& app, RunRequest& request) {
  CLI::App* run = app.add_subcommand("run", "soak scenarios, or any program after --");
  run->add_option("scenarios", request.scenarios, "scenario files")->type_name("SCENARIO.toml");
  run->add_option("--variant", request.variants, "only these variants; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  run->add_option("--against", request.against,
                  "another build of the program: runs both side by side and judges the difference")
      ->type_name("PROGRAM");
  CLI::App* attach = app.add_subcommand("attach", "soak a process that runs already");
  attach->add_option("--pid", request.attach_pid, "the process")
      ->required()
      ->check(CLI::Range(1, 4194304))
      ->type_name("PID");
  attach->add_flag(
      "--inject", request.overrides.inject,
      "put the agent into the process, which counts what it allocates from then on; stops it for some "
      "milliseconds, and its waits may return EINTR");
  for (CLI::App* verb : {run, attach}) {
    add_run_flags(*verb, request.overrides);
    verb->add_option("--jobs", request.jobs, "variants side by side (1)")
        ->envname("SOAKLINE_JOBS")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    verb->add_option("--keep", request.keep, "runs kept of a scenario's variant (50)")
        ->envname("SOAKLINE_KEEP")
        ->check(CLI::Range(1, 1000000))
        ->type_name("N");
    verb->add_flag("--json", request.json, "one JSON object as the last line of standard output");
    verb->add_flag("--quiet", request.quiet, "verdicts only");
  }
  // Not one flag with a negation: CLI11 2.1 takes an absent one for "no", whatever the scenario file says.
  run->add_flag_callback(
      "--agent", [&request] { request.overrides.agent = true; },
      "preload the agent, which counts the target's live blocks by where they were born (on)");
  run->add_flag_callback(
      "--no-agent", [&request] { request.overrides.agent = false; },
      "soak without it: memory is judged by heap chunks and RSS");
}

// Everything after "--" is the command to soak, whatever it looks like.
std::vector<std::string> take_command(std::vector<std::string>& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  if (dashes == arguments.end()) return {};
  std::vector<std::string> command(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
  return command;
}

int dispatch(std::vector<std::string> arguments) {
  CLI::App app(
      "Soaks a program under load and fails the build when its memory, threads or descriptors drift.",
      "soakline");
  app.set_version_flag("--version", std::string("soakline ") + soakline_version);
  app.require_subcommand(1);
  app.footer("Exit code: 0 pass, 1 fail, 2 usage or scenario error, 3 inconclusive, 4 invalid.");
  RunRequest request;
  request.command = take_command(arguments);
  add_run(app, request);
  bool json = false, quiet = false;
  std::string first, second, scenario_file, format = "console";
  std::vector<std::string> many;
  CLI::App* judge =
      app.add_subcommand("judge", "judge a run's folder or a samples.csv again; starts nothing");
  judge->add_option("run", first, "a run's folder or a samples.csv")->required();
  add_judge_flags(*judge, request.overrides);
  CLI::App* compare = app.add_subcommand("compare", "two runs, metric by metric");
  compare->add_option("base", first, "a run's folder or a samples.csv of before")->required();
  compare->add_option("new", second, "one of now, at the same profile")->required();
  for (CLI::App* verb : {judge, compare}) {
    verb->add_flag("--json", json, "one JSON object as the last line of standard output");
    verb->add_flag("--quiet", quiet, "the verdict only");
  }
  CLI::App* accept = app.add_subcommand("accept", "make runs the scenario's baseline");
  accept->add_option("runs", many, "folders of runs, five or more")->required();
  accept->add_option("--scenario", scenario_file, "the scenario's file, where the run's own path is gone");
  CLI::App* report = app.add_subcommand("report", "show a recorded run");
  report->add_option("run", first, "a run's folder")->required();
  report->add_option("--as", format, "html, markdown, junit, openmetrics or console (console)")
      ->check(CLI::IsMember({"html", "markdown", "junit", "openmetrics", "console"}));
  CLI::App* list = app.add_subcommand("list", "scenarios, their variants, and what each is expected to do");
  list->add_option("scenarios", many, "scenario files (scenarios/*.toml)");
  const auto verbs = app.get_subcommands([](const CLI::App*) { return true; });
  const auto is_first = [&](const CLI::App* verb) { return verb->check_name(arguments[0]); };
  if (!arguments.empty() && !arguments[0].starts_with('-') &&
      std::none_of(verbs.begin(), verbs.end(), is_first))
    throw ScenarioError(fmt::format(
        "no verb '{}'; there are run, attach, judge, compare, accept, report and list", arguments[0]));
  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  if (*judge) return judge_verb(first, request.overrides, json, quiet);
  if (*compare) return compare_verb(first, second, json, quiet);
  if (*accept) return accept_verb(many, scenario_file);
  if (*report) return report_verb(first, format);
  if (*list) return list_verb(many);
  return run_verb(request);
}

}  // namespace

namespace {

// A file opened as number 0, 1 or 2 would get what is meant for the console.
void occupy_standard_streams() {
  for (const int fd : {0, 1, 2})
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) _exit(invalid);
}

int complain(const std::exception& error, int code) {
  std::cerr << "soakline: " << printable(error.what()) << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const int code = dispatch({argv + 1, argv + argc});
    if (std::cout.flush() || errno == EPIPE) return code;  // a reader may have read enough
    throw RunError("cannot write standard output; is the disk full?");
  } catch (const ScenarioError& error) {
    return complain(error, usage_error);
  } catch (const std::exception& error) {
    return complain(error, invalid);
  }
}
