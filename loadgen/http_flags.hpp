// The flags that only the kind http has.
#pragma once

#include <string>
#include <vector>

#include "loadgen/option_reading.hpp"

namespace soakline {

class HttpFlags {
 public:
  void declare(CLI::App& command);
  // Reads --to and what is requested there into the plan. UsageError.
  void read_into(LoadPlan& plan, const std::string& to, bool payload_given) const;

 private:
  WeightedRequest only_request(const std::string& path_of_to) const;

  std::string method_, path_, body_;
  std::vector<std::string> requests_, headers_;
  bool close_ = false;
};

}  // namespace soakline
