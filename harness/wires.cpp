#include "harness/wires.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

namespace soakline {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(10);  // for an answer
constexpr std::string_view redis_scheme = "redis://";

struct WirePlan {
  std::string link, listen, to;
  const char* messages;  // null where they are not understood
  std::uint64_t seed;
};

// A soakline-wire, and what it says.
class Wire final : public FaultHand {
 public:
  Wire(EventLoop& loop, const WirePlan& plan) : loop_(loop), link_(plan.link) {
    Command command;
    command.arguments = {program_directory() / "soakline-wire",
                         "--listen",
                         plan.listen,
                         "--to",
                         plan.to,
                         "--seed",
                         std::to_string(plan.seed)};
    if (plan.messages != nullptr)
      command.arguments.insert(command.arguments.end(), {"--messages", plan.messages});
    try {
      process_ = std::make_unique<Process>(
          loop, command, [lines = lines_](std::string_view bytes) { lines->add(bytes); },
          Process::Input::lines);
    } catch (const StartError& error) {
      throw RunError(fmt::format("link {}: {}", link_, error.what()));
    }
    loop.wait_for([&] { return said_->contains("listening") || !process_->running(); },
                  Clock::now() + patience);
    if (!said_->contains("listening")) fails("does not listen");
    address_ = said_->at("listening");
  }

  const std::string& address() const { return address_; }

  void begin(const Fault& fault) override {
    nlohmann::json line = {
        {"id", ++id_}, {"kind", name_of(fault.kind)}, {"for_s", fault.end_s - fault.begin_s}};
    for (const auto& [name, value] : fault.parameters)
      std::visit([&, &key = name](const auto& known) { line[key] = known; }, value);
    if (!process_->write_line(line.dump())) fails("takes no word any more");
    answer_by_.reset();
  }

  // The proxy ends it by its own clock, and says so.
  bool end(const Fault&) override {
    if (!answer_by_) answer_by_ = Clock::now() + patience;
    if (said_->value("id", std::uint64_t{0}) == id_) {
      if (said_->contains("error")) fails("says: " + said_->at("error").get<std::string>());
      return true;
    }
    if (!process_->running() || Clock::now() > *answer_by_) fails("does not answer");
    return false;
  }

  void abandon() override { process_->write_line(nlohmann::json{{"end", true}}.dump()); }

  std::map<std::string, double> counts() const override {
    std::map<std::string, double> counts;
    for (const char* name : {"connections", "bytes", "messages"}) counts[name] = said_->value(name, 0.0);
    return counts;
  }

  std::string ended() override {
    if (process_->running()) return "";
    return fmt::format("link {}: soakline-wire ended with {}: {}", link_, process_->ending(), *last_words_);
  }

 private:
  [[noreturn]] void fails(const std::string& how) {
    loop_.drain();
    throw RunError(fmt::format("link {}: soakline-wire {}; its last words: {}", link_, how, *last_words_));
  }

  EventLoop& loop_;
  std::string link_, address_;
  std::shared_ptr<nlohmann::json> said_ = std::make_shared<nlohmann::json>(nlohmann::json::object());
  std::shared_ptr<std::string> last_words_ = std::make_shared<std::string>();
  std::shared_ptr<LineSplitter> lines_ =
      std::make_shared<LineSplitter>([said = said_, words = last_words_](std::string_view line) {
        auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.is_object())
          *said = std::move(json);
        else
          *words = line;
      });
  std::unique_ptr<Process> process_;
  std::uint64_t id_ = 0;
  std::optional<Clock::time_point> answer_by_;
};

}  // namespace

std::optional<Link> link_named(std::string_view name) {
  constexpr std::string_view arrow = "->";
  const auto at = name.find(arrow);
  if (at == std::string_view::npos) return std::nullopt;
  return Link{std::string(name.substr(0, at)), std::string(name.substr(at + arrow.size()))};
}

Wires::Wires(EventLoop& loop, const Scenario& scenario, const std::vector<Fault>& timeline,
             std::filesystem::path sockets)
    : loop_(loop), scenario_(scenario), timeline_(timeline), sockets_(std::move(sockets)) {}

bool Wires::has_faults(const std::string& link) const {
  return std::any_of(timeline_.begin(), timeline_.end(),
                     [&](const Fault& fault) { return fault.on == link; });
}

// Those that edits are made of: a redis' pushes, or the frames of the load.
const char* Wires::messages_to(const std::string& server) const {
  if (server == "target") return "frames";
  const auto is_redis = [&](const Service& service) {
    return service.name == server && service.kind != Service::Kind::command;
  };
  return std::any_of(scenario_.services.begin(), scenario_.services.end(), is_redis) ? "redis" : nullptr;
}

std::string Wires::between(const std::string& from, const std::string& to, const std::string& address) {
  const std::string link = from + "->" + to;
  if (!has_faults(link)) return address;
  const bool is_unix = address.starts_with("unix:");
  const std::string listen =
      is_unix ? "unix:" + (sockets_ / fmt::format("{}-{}.sock", from, to)).string() : "127.0.0.1:0";
  auto wire = std::make_unique<Wire>(loop_, WirePlan{link, listen, address, messages_to(to), scenario_.seed});
  const std::string scheme(address.starts_with(redis_scheme) ? redis_scheme : "");
  std::string seen = scheme + wire->address();
  hands_[link] = std::move(wire);
  return seen;
}

Placeholders Wires::as_seen_by(const std::string& from, Placeholders values) {
  for (const Service& service : scenario_.services)
    values.at(service.name) = between(from, service.name, values.at(service.name));
  return values;
}

}  // namespace soakline
