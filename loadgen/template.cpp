#include "loadgen/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <boost/random/uniform_int_distribution.hpp>

namespace soakline {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::uint64_t read_count(std::string_view name, std::string_view digits) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size() || count == 0)
    throw TemplateError(fmt::format("{{{}}} needs a whole number above zero, like {{uniform:100000}}", name));
  return count;
}

}  // namespace

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

Template::Template(std::string_view text) {
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) pieces_.emplace_back(std::exchange(plain, {}));
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if ((c == '{' || c == '}') && text.substr(at + 1).starts_with(c)) {
      plain += c;
      ++at;
    } else if (c == '{') {
      const auto end = text.find('}', at);
      if (end == std::string_view::npos)
        throw TemplateError(
            fmt::format("'{}' opens a brace that it does not close; write {{{{ for a plain one", text));
      end_plain();
      pieces_.push_back(placeholder(text.substr(at + 1, end - at - 1)));
      at = end;
    } else {
      plain += c;
    }
  }
  end_plain();
}

Template::Piece Template::placeholder(std::string_view name) {
  if (name == "payload") return PayloadHere{};
  for (const std::string_view kind : {"uniform:", "zipf:"}) {
    if (!name.starts_with(kind)) continue;
    const std::uint64_t count = read_count(name, name.substr(kind.size()));
    if (kind == "zipf:") return Zipf(count);
    return Uniform{count - 1};
  }
  throw TemplateError(
      fmt::format("{{{}}} is not known; there are {{payload}}, {{uniform:N}} and {{zipf:N}}, and "
                  "{{{{ stands for a plain brace",
                  name));
}

bool Template::has_payload() const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return std::holds_alternative<PayloadHere>(piece); });
}

std::optional<std::string_view> Template::constant() const {
  if (pieces_.empty()) return "";
  if (pieces_.size() > 1 || !std::holds_alternative<std::string>(pieces_.front())) return std::nullopt;
  return std::get<std::string>(pieces_.front());
}

bool Template::is_payload() const {
  return pieces_.size() == 1 && has_payload();
}

void Template::append(std::string& out, Payload& payload, const Stamp& stamp, Random& random) const {
  for (const Piece& piece : pieces_)
    std::visit(Overloaded{[&](const std::string& text) { out += text; },
                          [&](PayloadHere) { payload.append(out, payload.next_size(random), stamp, random); },
                          [&](Uniform uniform) {
                            append_number(out, boost::random::uniform_int_distribution<std::uint64_t>(
                                                   0, uniform.most)(random));
                          },
                          [&](const Zipf& zipf) { append_number(out, zipf(random) - 1); }},
               piece);
}

}  // namespace soakline
