#include "loadgen/redis_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include <boost/random/uniform_int_distribution.hpp>

namespace soakline {
namespace {

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

std::string bulk(std::string_view word) {
  return fmt::format("${}\r\n{}\r\n", word.size(), word);
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// Answers are matched to messages by their order, one for one.
void refuse_other_than_one_answer(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  for (const std::string_view other : {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE",
                                       "SUNSUBSCRIBE", "MONITOR", "QUIT", "SYNC", "PSYNC", "HELLO"})
    if (upper == other)
      throw CommandError(fmt::format(
          "{} is not answered exactly once; use a command that is, like 'PUBLISH orders {{payload}}'",
          upper));
}

}  // namespace

RedisCommand::RedisCommand(std::string_view text, Payload payload) : payload_(std::move(payload)) {
  const auto words = words_of(text);
  if (words.empty()) throw CommandError("there is no command; write one like 'PUBLISH orders {payload}'");
  refuse_other_than_one_answer(words.front());
  Step step{fmt::format("*{}\r\n", words.size()), {}};
  for (const auto word : words) {
    auto pieces = read_word(word);
    if (pieces.size() == 1 && pieces.front().kind == Piece::Kind::text) {
      step.constant += bulk(pieces.front().text);
      continue;
    }
    has_payload_ |= std::any_of(pieces.begin(), pieces.end(),
                                [](const Piece& piece) { return piece.kind == Piece::Kind::payload; });
    step.word = std::move(pieces);
    steps_.push_back(std::exchange(step, {}));
  }
  if (!step.constant.empty()) steps_.push_back(std::move(step));
}

std::vector<RedisCommand::Piece> RedisCommand::read_word(std::string_view word) {
  std::vector<Piece> pieces;
  std::string text;
  const auto end_text = [&] {
    if (!text.empty()) pieces.push_back({Piece::Kind::text, std::exchange(text, {})});
  };
  for (std::size_t at = 0; at < word.size(); ++at) {
    const char c = word[at];
    if ((c == '{' || c == '}') && word.substr(at + 1).starts_with(c)) {
      text += c;
      ++at;
    } else if (c == '{') {
      const auto end = word.find('}', at);
      if (end == std::string_view::npos)
        throw CommandError(
            fmt::format("'{}' opens a brace that it does not close; write {{{{ for a plain one", word));
      end_text();
      pieces.push_back(placeholder(word.substr(at + 1, end - at - 1)));
      at = end;
    } else {
      text += c;
    }
  }
  end_text();
  return pieces;
}

RedisCommand::Piece RedisCommand::placeholder(std::string_view name) {
  constexpr std::string_view uniform = "uniform:";
  if (name == "payload") return {Piece::Kind::payload, {}};
  if (name.starts_with("zipf:"))
    throw CommandError(fmt::format("{{{}}} does not work yet; use {{uniform:{}}}", name, name.substr(5)));
  if (!name.starts_with(uniform))
    throw CommandError(fmt::format(
        "{{{}}} is not known; there are {{payload}} and {{uniform:N}}, and {{{{ stands for a plain brace",
        name));
  const auto digits = name.substr(uniform.size());
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size() || count == 0)
    throw CommandError(fmt::format("{{{}}} needs a whole number above zero, like {{uniform:100000}}", name));
  return {Piece::Kind::uniform, {}, count - 1};
}

void RedisCommand::append_next(std::string& out, Random& random) {
  for (const auto& step : steps_) {
    out += step.constant;
    if (step.word.empty()) continue;
    word_.clear();
    for (const auto& piece : step.word) {
      if (piece.kind == Piece::Kind::text)
        word_ += piece.text;
      else if (piece.kind == Piece::Kind::payload)
        payload_.append_next(word_, random);
      else
        append_number(word_, boost::random::uniform_int_distribution<std::uint64_t>(0, piece.most)(random));
    }
    out += '$';
    append_number(out, word_.size());
    out += "\r\n";
    out += word_;
    out += "\r\n";
  }
}

}  // namespace soakline
