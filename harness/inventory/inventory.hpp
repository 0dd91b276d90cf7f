// What a program holds by its own account, such as a class histogram, and what of it has grown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

struct Held {
  double count = 0;  // 0 where only bytes are known
  double bytes = 0;
  bool of_runtime = false;  // a string, an array or the like, which something of the program's own is made of
};

// One account by one kind of name: "class", "heap space", "line". Lines of one name are summed.
struct Inventory {
  std::string kind;
  std::map<std::string, Held> held;

  void add(const std::string& name, const Held& more);
};

// Lines of a command's output, each a name beside its numbers in any order, as `jcmd PID GC.class_histogram`
// and many others print them. The last two numbers count, the larger as bytes and the other as the count;
// one alone is bytes. A number may carry a unit ("12 MB") and thousands separators. Lines without a number
// or a name, and sums named "total", are left out. Names of Java classes become those of the language.
Inventory inventory_of_lines(std::string_view text);

struct Grown {
  std::string name;
  Held by;
};

// What became more from one account to the next: most bytes first.
std::vector<Grown> grown(const Inventory& before, const Inventory& now);

// The few of them that explain a drift of memory, each with its share. `to_drift` makes a production day's
// growth of that between the two. What the program defines comes before the strings and arrays it is made of.
std::vector<Evidence> inventory_evidence(const std::string& kind, const std::vector<Grown>& grown,
                                         double to_drift, std::optional<double> drift_per_day);

}  // namespace soakline
