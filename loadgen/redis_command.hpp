// A redis command with placeholders, written as RESP for every message anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/template.hpp"

namespace soakline {

// "SET key:{uniform:100000} {payload}": words between blanks, each a template.
std::vector<std::string_view> words_of(std::string_view text);

class RedisCommand {
 public:
  // TemplateError on an unknown placeholder, no command, or one that redis does not answer exactly once.
  explicit RedisCommand(std::string_view text);

  bool has_payload() const;

  // All that stands before and after the payload, where that is all that changes; its size must be known.
  struct Wrapping {
    std::string before, after;
  };
  std::optional<Wrapping> wrapping(std::size_t payload_size) const;

  void append(std::string& out, Payload& payload, const Stamp& stamp, Random& random);

 private:
  // Bytes that are the same in every message, then one word that is not (none: no text).
  struct Step {
    std::string constant;
    Template word;
  };

  std::vector<Step> steps_;
  std::string end_;   // bytes after the last step's word
  std::string word_;  // the one being written; kept for its memory
};

}  // namespace soakline
