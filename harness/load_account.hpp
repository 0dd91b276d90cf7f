// What a load says it has done, line by line.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness/judge/recording.hpp"

namespace re2 {
class RE2;
}

namespace soakline {

class LoadAccount {
 public:
  // `operations` is a regular expression for lines that are no JSON: its first group is how many there have
  // been so far; without a group each such line is one. "": none counts.
  explicit LoadAccount(const std::string& operations = "");
  ~LoadAccount();

  // A line that is a JSON object with "answered", "failed" or "idle" says how it stands now; it is returned.
  std::optional<nlohmann::json> read(std::string_view line);

  // As another reader of the line has it.
  void enter(double operations, double failures) {
    operations_ = operations;
    failures_ = failures;
  }

  double operations() const { return operations_; }  // `missing` until it has said a number
  double failures() const { return failures_; }
  bool idle() const { return idle_; }
  // The last line that was one; null before.
  const nlohmann::json& latest() const { return latest_; }
  // The last line that was no account.
  const std::string& last_words() const { return last_words_; }

 private:
  void read_words(std::string_view line);

  std::unique_ptr<re2::RE2> expression_;
  double operations_ = missing, failures_ = 0;
  bool idle_ = false;
  nlohmann::json latest_ = nullptr;
  std::string last_words_;
};

}  // namespace soakline
