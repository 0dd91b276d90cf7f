// {placeholders} in commands, paths and addresses of a scenario.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "harness/scenario.hpp"

namespace soakline {

using Placeholders = std::map<std::string, std::string, std::less<>>;

// Replaces every {name}; ScenarioError names an unknown one and those that are known. "{{" stands for "{".
std::string fill(std::string_view text, const Placeholders& values);
Command fill(const Command& command, const Placeholders& values);
bool mentions(const Command& command, std::string_view placeholder);

}  // namespace soakline
