#include "harness/load_sections.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "harness/scenario_sections.hpp"

namespace soakline {
namespace {

bool has_payload(const HttpRequests& http) {
  const auto holds = [](const std::string& text) { return text.find("{payload}") != std::string::npos; };
  return holds(http.path) || holds(http.body) || std::any_of(http.mix.begin(), http.mix.end(), holds) ||
         std::any_of(http.headers.begin(), http.headers.end(),
                     [&](const auto& header) { return holds(header.second); });
}

}  // namespace

void parse_http(StrictTable& section, Scenario& scenario) {
  LoadPlan& load = scenario.load;
  load.to = section.text("to").value_or("http://127.0.0.1:{port}");
  load.http.close = section.boolean("close").value_or(false);
  auto request = section.table("request");
  if (!request)
    section.fail("request", "is missing; write request = { path = \"/orders\", rate = \"production\" }");
  parse_pace(*request, scenario);
  if (load.closed_depth.value_or(1) != 1)
    request->fail("closed", "must be 1: a connection has one request in flight; give more connections");
  for (auto& [key, text] :
       {std::pair{"method", &load.http.method}, {"path", &load.http.path}, {"body", &load.http.body}}) {
    if (!request->has(key)) continue;
    if (request->has("mix")) request->fail(key, "is said by each request of mix; leave it out");
    *text = *request->text(key);
  }
  load.http.mix = request->texts("mix").value_or(std::vector<std::string>());
  if (request->has("mix") && load.http.mix.empty())
    request->fail("mix", "is empty; write mix = [\"3:GET /orders\", \"1:POST /orders {payload}\"]");
  if (auto headers = request->table("headers"))
    for (const std::string& name : headers->keys()) load.http.headers[name] = *headers->text(name);
  if (!has_payload(load.http)) {
    if (request->has("payload"))
      request->fail("payload", "has no effect; write {payload} where it belongs, as in body = \"{payload}\"");
    load.payload.clear();
  }
  request->refuse_unknown();
}

void parse_load_program(StrictTable& section, LoadProgram& program) {
  program.command = parse_command(section);
  program.operations = section.text("operations").value_or("");
  if (const RE2 expression(program.operations, RE2::Quiet); !expression.ok())
    section.fail("operations", fmt::format("is not a regular expression: {}", expression.error()));
  program.may_end = section.boolean("may_end").value_or(false);
}

}  // namespace soakline
