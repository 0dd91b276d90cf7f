#include "loadgen/http_reader.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace soakline {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::size_t longest_reason = 100;
constexpr std::uint32_t longest_header = 256 << 10;
// Of bytes that the parser wants whole: a header, or the line before a chunk.
constexpr std::size_t most_held = longest_header + (16 << 10);

// Beast's parser with nothing behind it but what an account needs.
class AnswerParser final : public http::basic_parser<false> {
 public:
  explicit AnswerParser(bool to_head) {
    eager(true);
    skip(to_head);
    header_limit(longest_header);
    body_limit(std::numeric_limits<std::uint64_t>::max());
  }
  int status = 0;
  std::string reason;

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view text, int, error_code&) override {
    status = code;
    reason.assign(text.data(), std::min(text.size(), longest_reason));
  }
  void on_field_impl(http::field, string_view, string_view, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
};

}  // namespace

struct HttpReader::State {
  std::optional<AnswerParser> parser;
  bool to_head = false;
  bool begun = false;
  std::string held;  // what the parser did not take yet

  void restart() {
    parser.emplace(to_head);
    begun = false;
    held.clear();
  }
  // Gives the parser what there is; leaves in `bytes` what is behind the end of an answer.
  error_code parse(std::string_view& bytes);
};

HttpReader::HttpReader() : state_(std::make_unique<State>()) {
  state_->restart();
}

HttpReader::~HttpReader() = default;

void HttpReader::expect(bool to_head) {
  state_->to_head = to_head;
  state_->restart();
}

bool HttpReader::begun() const {
  return state_->begun;
}

error_code HttpReader::State::parse(std::string_view& bytes) {
  begun = true;
  const bool continued = !held.empty();
  if (continued) held += bytes;
  const std::string_view input = continued ? std::string_view(held) : bytes;
  error_code error;
  // Beast looks at a header when all of it is there, which what is none may never be.
  constexpr std::string_view version = "HTTP/1.";
  if (!parser->got_some() && !version.starts_with(input.substr(0, version.size())))
    return http::error::bad_version;
  const std::size_t taken = parser->put(boost::asio::buffer(input.data(), input.size()), error);
  const std::size_t left = input.size() - taken;
  if (error == http::error::need_more) error = {};
  if (error) return error;
  if (parser->is_done()) {
    bytes.remove_prefix(bytes.size() - left);
    held.clear();
    return error;
  }
  if (continued)
    held.erase(0, taken);
  else
    held.assign(input.substr(taken));
  bytes = {};
  if (held.size() > most_held) error = http::error::header_limit;
  return error;
}

Parsed HttpReader::next(std::string_view& bytes, HttpAnswer& answer) {
  AnswerParser& parser = *state_->parser;
  while (!bytes.empty()) {
    if (parser.is_done()) state_->restart();
    if (state_->parse(bytes)) return Parsed::broken;
    if (!parser.is_done()) return Parsed::more;
    const int status = parser.status;
    if (status == 101) return Parsed::broken;  // nobody asked for another protocol
    if (status < 200) continue;
    answer = {status, std::move(parser.reason), !parser.keep_alive()};
    state_->begun = false;
    return Parsed::reply;
  }
  return Parsed::more;
}

Parsed HttpReader::end(HttpAnswer& answer) {
  AnswerParser& parser = *state_->parser;
  if (!parser.is_header_done() || parser.is_done()) return Parsed::more;
  error_code error;
  parser.put_eof(error);
  if (error || !parser.is_done()) return Parsed::broken;
  answer = {parser.status, std::move(parser.reason), true};
  return Parsed::reply;
}

}  // namespace soakline
