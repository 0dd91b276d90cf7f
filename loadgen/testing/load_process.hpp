// soakline-load itself, run by a test.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/testing/child_process.hpp"
#include "loadgen/testing/redis_server.hpp"

namespace soakline {

inline std::vector<std::string> command(std::vector<std::string> arguments) {
  const char* bin = std::getenv("SOAKLINE_BIN");
  arguments.insert(arguments.begin(), std::string(bin ? bin : ".") + "/soakline-load");
  return arguments;
}

// A load on redis that tells its progress, for tests that act while it runs.
class RunningLoad {
 public:
  RunningLoad(const RedisServer& server, std::vector<std::string> more)
      : RunningLoad(server.address(), std::move(more)) {}
  RunningLoad(const std::string& address, std::vector<std::string> more)
      : process_(command(all_arguments(address, std::move(more)))) {}

  // Reads progress until it is as wanted.
  template <class Condition>
  nlohmann::json until(Condition wanted) {
    while (const auto line = process_.read_line()) {
      nlohmann::json progress = nlohmann::json::parse(*line);
      if (wanted(progress)) return progress;
    }
    throw std::runtime_error("the load ended first: " + process_.wait().errors);
  }
  ChildProcess& process() { return process_; }

 private:
  static std::vector<std::string> all_arguments(const std::string& address, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"redis", "--to", address, "--json", "--progress", "20ms"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  ChildProcess process_;
};

inline void expect_balanced(const nlohmann::json& result) {
  const auto count = [&](const char* name) { return result.at(name).get<std::uint64_t>(); };
  EXPECT_EQ(count("offered"), count("sent") + count("dropped")) << result;
  EXPECT_EQ(count("sent"), count("answered") + count("failed") + count("unexplained")) << result;
}

}  // namespace soakline
