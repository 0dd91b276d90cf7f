#include "harness/inventory/inventory_look.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <fstream>
#include <utility>

#include "harness/inventory/bounded_command.hpp"
#include "harness/inventory/node_process.hpp"
#include "harness/proc_files.hpp"
#include "harness/runtimes.hpp"

namespace soakline {
namespace {

using Preset = EvidencePlan::Preset;

constexpr std::size_t most_output = 16 << 20;  // a histogram of 100,000 classes

std::uint64_t born_at(int pid) {
  std::array<char, 4096> buffer;
  return stat_field(open_at(AT_FDCWD, fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY).read(buffer), 22);
}

double resident_of(int pid) {
  std::array<char, 256> buffer;
  const auto file = open_at(AT_FDCWD, fmt::format("/proc/{}/statm", pid).c_str(), O_RDONLY);
  return static_cast<double>(nth_number(file.read(buffer), 2));
}

bool fits(Preset preset, int pid) {
  const std::string runtime = runtime_of(pid);
  return preset == Preset::none ? !runtime.empty() : runtime == runtime_name(preset);
}

int largest(const std::vector<int>& pids) {
  int found = 0;
  double most = -1;
  for (const int pid : pids)
    if (const double resident = resident_of(pid); resident > most) most = resident, found = pid;
  return found;
}

void write_table(const std::filesystem::path& file, const std::vector<Inventory>& inventories) {
  std::ofstream output(file);
  for (const Inventory& inventory : inventories) {
    output << fmt::format("{:>14} {:>14}  {}\n", "count", "bytes", inventory.kind);
    for (const Grown& line : grown({}, inventory))  // largest first
      output << fmt::format("{:>14.0f} {:>14.0f}  {}\n", line.by.count, line.by.bytes, line.name);
  }
}

void ask_by_command(const LookOrder& order, LookResult& result, const std::stop_token& stop) {
  CommandOutput said = run_bounded(evidence_command(order.plan, order.values, result.asked.pid),
                                   order.plan.within_s, most_output, stop);
  std::ofstream(order.keep_as.string() + ".txt") << said.text;
  result.problem = std::move(said.problem);
  if (!result.problem.empty()) return;
  Inventory inventory = inventory_of_lines(said.text);
  if (order.plan.preset == Preset::jvm) inventory.kind = "class";
  if (inventory.held.empty()) result.problem = "its output has no line with a name and a number";
  result.inventories = {std::move(inventory)};
}

LookResult look(const LookOrder& order, const std::stop_token& stop) {
  LookResult result;
  result.asked = order.asked.pid != 0 ? order.asked : whom_to_ask(order.plan.preset, order.pids);
  if (result.asked.pid == 0) {
    result.problem = fmt::format("no process of the target runs {}", runtime_name(order.plan.preset));
  } else if (!result.asked.lives()) {
    result.problem = fmt::format("process {}, which was asked before, has ended", result.asked.pid);
  } else if (order.plan.preset == Preset::node) {
    NodeAnswer answer = ask_node(result.asked.pid, order.asked.pid != 0,
                                 order.keep_as.string() + ".heapsnapshot", order.plan.within_s, stop);
    write_table(order.keep_as.string() + ".txt", answer.inventories);
    result.inventories = std::move(answer.inventories);
    result.problem = std::move(answer.problem);
  } else {
    ask_by_command(order, result, stop);
  }
  return result;
}

}  // namespace

bool Asked::lives() const {
  return pid != 0 && born_at(pid) == born;
}

Asked whom_to_ask(Preset preset, const std::vector<int>& pids) {
  std::vector<int> fitting;
  for (const int pid : pids)
    if (fits(preset, pid)) fitting.push_back(pid);
  const int pid = largest(fitting.empty() && preset == Preset::none ? pids : fitting);
  return {pid, pid == 0 ? 0 : born_at(pid)};
}

Command evidence_command(const EvidencePlan& plan, Placeholders values, int pid) {
  values["pid"] = std::to_string(pid);
  Command command;
  command.arguments = plan.command;
  if (plan.preset == Preset::jvm) command.arguments = {"jcmd", "{pid}", "GC.class_histogram"};
  return fill(command, values);
}

InventoryLook::InventoryLook(LookOrder order) {
  std::promise<LookResult> promise;
  result_ = promise.get_future();
  thread_ = std::jthread(
      [order = std::move(order), promise = std::move(promise)](const std::stop_token& stop) mutable {
        try {
          promise.set_value(look(order, stop));
        } catch (const std::exception& error) {
          promise.set_value({{}, {}, error.what()});
        }
      });
}

bool InventoryLook::done() const {
  return result_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

LookResult InventoryLook::take() {
  return result_.get();
}

}  // namespace soakline
