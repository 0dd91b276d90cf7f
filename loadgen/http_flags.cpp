#include "loadgen/http_flags.hpp"

#include <CLI/CLI.hpp>

#include "loadgen/http_request.hpp"
#include "loadgen/http_target.hpp"

namespace soakline {

void HttpFlags::declare(CLI::App& command) {
  command.add_option("--method", method_, "GET (default), POST, ...");
  command.add_option("--path", path_, "what to request, like '/orders/{zipf:1000}' (/, or the path of --to)");
  command.add_option("--body", body_,
                     "of each request, like '{\"order\": \"{payload}\"}' with braces doubled");
  command.add_option("--request", requests_,
                     "'POST /orders {payload}' instead of these three. Again for a mix: '3:GET /orders' is "
                     "sent three times as often as others");
  command.add_option("--header", headers_, "'Name: value', of each request; again for more");
  command.add_flag("--close", close_, "a connection a request");
}

WeightedRequest HttpFlags::only_request(const std::string& path_of_to) const {
  WeightedRequest request;
  if (!method_.empty()) request.method = method_;
  if (!path_.empty() || !path_of_to.empty()) request.path = path_.empty() ? path_of_to : path_;
  request.body = body_;
  return request;
}

void HttpFlags::read_into(LoadPlan& plan, const std::string& to, bool payload_given) const {
  const HttpTarget target = read("--to", to, parse_http_target);
  plan.to = target.address;
  HttpPlan& http = plan.http;
  http.host = target.host;
  http.close = close_;
  const bool has_path = !target.path.empty() && target.path != "/";
  require(path_.empty() || !has_path, "--path and the path of --to exclude each other; give one of them");
  for (const auto& header : headers_) http.headers.push_back(read("--header", header, parse_header));
  http.requests.clear();
  for (const auto& request : requests_) http.requests.push_back(read("--request", request, parse_request));
  if (requests_.empty())
    http.requests.push_back(only_request(target.path));
  else
    require(method_.empty() && path_.empty() && body_.empty() && !has_path,
            "--request says method, path and body; leave out --method, --path, --body and the path of --to");
  bool has_payload = false;
  for (const auto& request : http.requests) try {
      has_payload |= HttpRequest(http, request).has_payload();
    } catch (const TemplateError& error) {
      throw UsageError(fmt::format("{} {}: {}", request.method, request.path, error.what()));
    }
  require(!payload_given || has_payload, "--payload has no effect: no request has {payload}");
}

}  // namespace soakline
