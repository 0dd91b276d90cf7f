#include "loadgen/http_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/http/write.hpp>

namespace soakline {
namespace {

namespace http = boost::beast::http;

// Takes the next word, up to a blank, from the front.
std::string take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  std::string word(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c != 127; });
}

void check(const WeightedRequest& request) {
  const auto verb = http::string_to_verb(request.method);
  if (verb == http::verb::unknown || verb == http::verb::connect)
    throw TemplateError(fmt::format("'{}' is no method; write one like GET or POST", request.method));
  if (!is_visible(request.path) || (!request.path.starts_with('/') && request.path != "*"))
    throw TemplateError(
        fmt::format("'{}' is no path; it begins with / and blanks in it are %20", request.path));
}

// As Beast writes it, without the empty line at its end.
std::string head_of(const HttpPlan& plan, const WeightedRequest& request) {
  check(request);
  http::request<http::empty_body> head;
  head.method_string(request.method);
  head.target(request.path);
  head.set(http::field::host, plan.host);
  head.set(http::field::user_agent, "soakline-load");
  if (plan.close) head.set(http::field::connection, "close");
  for (const HttpHeader& header : plan.headers) head.set(header.name, header.value);
  std::ostringstream text;
  text << head.base();
  std::string written = text.str();
  written.resize(written.size() - 2);
  return written;
}

// Whether a receiver expects a length even of an empty body (RFC 9110, 8.6).
bool has_content(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

WeightedRequest parse_request(std::string_view text) {
  WeightedRequest request;
  const auto colon = text.find_first_of(": ");
  if (colon != std::string_view::npos && text[colon] == ':') {
    const auto [end, error] = std::from_chars(text.data(), text.data() + colon, request.weight);
    if (error != std::errc() || end != text.data() + colon || !(request.weight > 0) || request.weight > 1e6)
      throw TemplateError(
          fmt::format("'{}' has no weight above 0 before its colon; write '3:GET /orders'", text));
    text.remove_prefix(colon + 1);
  }
  request.method = take_word(text);
  request.path = take_word(text);
  request.body = text;
  check(request);
  return request;
}

HttpHeader parse_header(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  HttpHeader header{std::string(text.substr(0, colon)), ""};
  const bool is_token =
      !header.name.empty() && std::all_of(header.name.begin(), header.name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
      });
  if (colon == text.size() || !is_token)
    throw TemplateError(fmt::format("'{}' is no header; write 'Name: value'", text));
  text.remove_prefix(colon + 1);
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' && c != '\t'; }))
    throw TemplateError(fmt::format("the value of header {} may not have a line end", header.name));
  const auto field = http::string_to_field(header.name);
  if (field == http::field::connection)
    throw TemplateError("Connection cannot be given; for a connection a request there is --close");
  if (field == http::field::content_length || field == http::field::transfer_encoding)
    throw TemplateError(fmt::format("{} cannot be given; the body decides it", header.name));
  header.value = text;
  return header;
}

HttpRequest::HttpRequest(const HttpPlan& plan, const WeightedRequest& request)
    : head_(head_of(plan, request)),
      body_(request.body),
      says_length_(!request.body.empty() || has_content(request.method)) {}

void HttpRequest::append(std::string& out, Payload& payload, const Stamp& stamp, Random& random) {
  head_.append(out, payload, stamp, random);
  if (!says_length_) {
    out += "\r\n";
    return;
  }
  body_bytes_.clear();
  body_.append(body_bytes_, payload, stamp, random);
  out += "Content-Length: ";
  append_number(out, body_bytes_.size());
  out += "\r\n\r\n";
  out += body_bytes_;
}

}  // namespace soakline
