#include "harness/placeholders.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace soakline {

std::string fill(std::string_view text, const Placeholders& values) {
  std::string filled;
  while (!text.empty()) {
    const auto open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open + 1);
    if (text.starts_with('{')) {
      filled += '{';
      text.remove_prefix(1);
      continue;
    }
    const auto close = text.find('}');
    const std::string_view name = text.substr(0, close);
    const auto value = values.find(name);
    if (close == std::string_view::npos || value == values.end()) {
      std::string known;
      for (const auto& [key, unused] : values) known += fmt::format(" {{{}}}", key);
      throw ScenarioError(fmt::format(
          "unknown placeholder '{{{}}}'; known here:{}; for a plain '{{' write '{{{{'", name, known));
    }
    filled += value->second;
    text.remove_prefix(close + 1);
  }
  return filled;
}

Command fill(const Command& command, const Placeholders& values) {
  Command filled;
  for (const std::string& argument : command.arguments) filled.arguments.push_back(fill(argument, values));
  for (const auto& [name, value] : command.environment) filled.environment[name] = fill(value, values);
  filled.working_directory = fill(command.working_directory.string(), values);
  return filled;
}

bool mentions(const Command& command, std::string_view placeholder) {
  const std::string wanted = fmt::format("{{{}}}", placeholder);
  return std::any_of(command.arguments.begin(), command.arguments.end(),
                     [&](const std::string& argument) { return argument.find(wanted) != std::string::npos; });
}

}  // namespace soakline
