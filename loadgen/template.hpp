// A text with placeholders that are filled anew for every message.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/payload.hpp"
#include "loadgen/seeded.hpp"
#include "loadgen/zipf.hpp"

namespace soakline {

// The text as written cannot be used; what() says why and what to write instead.
struct TemplateError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "key:{zipf:100000}:{payload}": {uniform:N} and {zipf:N} are 0..N-1, all as likely or the first ones most;
// {payload} is a payload; {{ and }} are braces.
class Template {
 public:
  explicit Template(std::string_view text);  // TemplateError

  bool has_payload() const;
  // The text where nothing changes, otherwise nothing.
  std::optional<std::string_view> constant() const;
  // It is one payload and nothing else.
  bool is_payload() const;

  void append(std::string& out, Payload& payload, const Stamp& stamp, Random& random) const;

 private:
  struct PayloadHere {};
  struct Uniform {
    std::uint64_t most;
  };
  using Piece = std::variant<std::string, PayloadHere, Uniform, Zipf>;

  static Piece placeholder(std::string_view name);

  std::vector<Piece> pieces_;
};

void append_number(std::string& out, std::uint64_t number);

}  // namespace soakline
