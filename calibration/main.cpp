// calibration_life: the life of a program in virtual time, as samples.csv on standard output.
#include <fmt/format.h>

#include <cstdio>

#include <CLI/CLI.hpp>

#include "calibration/whole_life.hpp"

namespace soakline {
namespace {

constexpr int exit_usage = 2;

void list() {
  for (const Kind& kind : kinds()) fmt::print("{} {} {}\n", kind.name, to_string(kind.group), kind.sentence);
}

template <typename Named>
std::vector<std::string> names(std::span<const Named> all) {
  std::vector<std::string> result;
  for (const Named& one : all) result.emplace_back(one.name);
  return result;
}

struct Order {
  LifeSettings life;
  bool list = false;
};

// What the parser allocated is gone before the life begins.
int parse(int argc, char** argv, Order& order) {
  std::string kind, shape = "steady";
  double minutes = 120, age_minutes = 5, delay_minutes = -1;
  CLI::App app(
      "Two hours of a program's life on the real malloc, in seconds: writes samples.csv on standard output.\n"
      "Heap bytes are those asked for, as malloc rounds them (24, 40, 56 ...); of time_s a row holds the "
      "last second, but the least RSS.",
      "calibration_life");
  app.add_option("kind", kind, "see --list")->check(CLI::IsMember(names(kinds())));
  app.add_flag("--list", order.list, "kinds: name, group, what it does");
  app.add_option("--leak", order.life.leak, "times the limit of 90 MB/day")->check(CLI::Range(0.0, 100.0));
  app.add_option("--leak-shape", shape, "how the leak comes")
      ->check(CLI::IsMember(names(leak_shapes())))
      ->capture_default_str();
  app.add_option("--delay", delay_minutes, "minutes before the leak begins; 'late' draws 20 to 60")
      ->check(CLI::Range(0.0, 1440.0));
  app.add_option("--seed", order.life.seed, "lives of one seed are alike")->capture_default_str();
  app.add_option("--minutes", minutes, "length of the life")
      ->check(CLI::Range(1.0, 1440.0))
      ->capture_default_str();
  app.add_option("--every", order.life.readings.every_s, "seconds a row")
      ->check(CLI::Range(1, 60))
      ->capture_default_str();
  app.add_option("--walk-every", order.life.readings.walk_every_s,
                 "seconds a walk of the heap (chunks_BYTES), on average; 0: none")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  app.add_option("--age", age_minutes, "minutes after which a block counts in heap_aged_bytes")
      ->check(CLI::Range(0.1, 1440.0))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    if (!order.list && kind.empty()) throw CLI::RequiredError("a kind (see --list)");
    if (order.life.readings.walk_every_s && order.life.readings.walk_every_s < order.life.readings.every_s)
      throw CLI::ValidationError("--walk-every", "must be at least --every");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  order.life.kind = find_kind(kind);
  order.life.shape = find_leak_shape(shape);
  order.life.seconds = static_cast<std::uint32_t>(minutes * 60);
  order.life.delay_s = delay_minutes < 0 ? -1 : delay_minutes * 60;
  order.life.readings.age_s = static_cast<std::uint32_t>(age_minutes * 60);
  return -1;
}

}  // namespace
}  // namespace soakline

int main(int argc, char** argv) {
  soakline::Order order;
  const int code = soakline::parse(argc, argv, order);
  if (code >= 0) return code;
  if (order.list) {
    soakline::list();
    return 0;
  }
  soakline::WholeLife whole(order.life);
  whole.live();
  whole.readings().print(stdout);
  return 0;
}
