// An HTTP/1.1 request with placeholders, written for every message anew.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/load_plan.hpp"
#include "loadgen/template.hpp"

namespace soakline {

// "3:POST /orders/{uniform:9} {payload}": weight (1 unless said), method, path, and the body if there is one.
// TemplateError.
WeightedRequest parse_request(std::string_view text);

// "Name: value". TemplateError, also for those that the request's own length and connection decide.
HttpHeader parse_header(std::string_view text);

class HttpRequest {
 public:
  // TemplateError on an unknown placeholder, and on a method or path that would break the request.
  HttpRequest(const HttpPlan& plan, const WeightedRequest& request);

  bool has_payload() const { return head_.has_payload() || body_.has_payload(); }
  void append(std::string& out, Payload& payload, const Stamp& stamp, Random& random);

 private:
  Template head_;  // all of it but its end
  Template body_;
  bool says_length_;
  std::string body_bytes_;  // the one being written; kept for its memory
};

}  // namespace soakline
