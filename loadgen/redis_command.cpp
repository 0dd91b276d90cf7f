#include "loadgen/redis_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace soakline {
namespace {

// Answers are matched to messages by their order, one for one.
void refuse_other_than_one_answer(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  for (const std::string_view other : {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE",
                                       "SUNSUBSCRIBE", "MONITOR", "QUIT", "SYNC", "PSYNC", "HELLO"})
    if (upper == other)
      throw TemplateError(fmt::format(
          "{} is not answered exactly once; use a command that is, like 'PUBLISH orders {{payload}}'",
          upper));
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\n";
  std::vector<std::string_view> words;
  while ((text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size())), !text.empty())) {
    const auto end = std::min(text.find_first_of(blanks), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

RedisCommand::RedisCommand(std::string_view text) {
  const auto words = words_of(text);
  if (words.empty()) throw TemplateError("there is no command; write one like 'PUBLISH orders {payload}'");
  refuse_other_than_one_answer(words.front());
  end_ = fmt::format("*{}\r\n", words.size());
  for (const auto written : words) {
    Template word(written);
    if (const auto same = word.constant())
      end_ += fmt::format("${}\r\n{}\r\n", same->size(), *same);
    else
      steps_.push_back({std::exchange(end_, "\r\n"), std::move(word)});
  }
}

bool RedisCommand::has_payload() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.word.has_payload(); });
}

std::optional<RedisCommand::Wrapping> RedisCommand::wrapping(std::size_t payload_size) const {
  if (steps_.size() != 1 || !steps_.front().word.is_payload()) return std::nullopt;
  return Wrapping{fmt::format("{}${}\r\n", steps_.front().constant, payload_size), end_};
}

void RedisCommand::append(std::string& out, Payload& payload, const Stamp& stamp, Random& random) {
  const auto length = [&](std::size_t size) {
    out += '$';
    append_number(out, size);
    out += "\r\n";
  };
  for (const Step& step : steps_) {
    out += step.constant;
    if (step.word.is_payload()) {
      const std::size_t size = payload.next_size(random);
      length(size);
      payload.append(out, size, stamp, random);
    } else {
      word_.clear();
      step.word.append(word_, payload, stamp, random);
      length(word_.size());
      out += word_;
    }
  }
  out += end_;
}

}  // namespace soakline
