// Prints what the handlers of the leak cost, the original's figures beside the ones measured here.
#include <fmt/format.h>
#include <malloc.h>

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/redis_subscription/live_blocks.hpp"
#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/redis_instance.hpp"

using namespace redis_subscription;

namespace {

// Counted in the heap of the service that leaked.
namespace original {
constexpr double accesses = 6'541'452;
constexpr double shared_type = 13'082'904;
constexpr double each_other_type = 6'541'452;
constexpr double handlers = 39'248'712;
constexpr double handler_bytes = 2.51e9;
constexpr double array_bytes = 538e6;
constexpr double heap_bytes = 3.6e9;
}  // namespace original

constexpr double accesses_a_day = 58'000;

// The slots of a signal stand in a list of shared pointers.
struct ListNode {
  void* neighbours[2];
  std::shared_ptr<void> slot;
};

struct Measured {
  double accesses = 0;
  double shared_type = 0;
  double each_other_type = 0;
  double handlers = 0;
  double heap_bytes = 0;  // by malloc's own count
  double list_bytes = 0;
  LiveBlocks blocks;

  double handler_bytes() const { return heap_bytes - list_bytes; }
};

Measured measure(std::uint64_t accesses) {
  const PrivateRedis redis;
  configure_redis({.connection_string = redis.address(),
                   .announce_channel = {},
                   .registration = Registration::per_access});
  Events& events = redis_instance().events();

  const auto before = live_blocks();
  const auto heap_before = ::mallinfo2().uordblks;
  const auto shared_before = events.connection_failed.num_slots() + events.connection_restored.num_slots();
  const auto other_before = events.error_message.num_slots();
  const auto handlers_before = events.handlers();
  for (std::uint64_t i = 0; i < accesses; ++i) redis_instance();
  const auto heap_after = ::mallinfo2().uordblks;

  Measured found;
  found.accesses = static_cast<double>(accesses);
  found.heap_bytes = static_cast<double>(heap_after - heap_before);
  found.shared_type = static_cast<double>(events.connection_failed.num_slots() +
                                          events.connection_restored.num_slots() - shared_before);
  found.each_other_type = static_cast<double>(events.error_message.num_slots() - other_before);
  found.handlers = static_cast<double>(events.handlers() - handlers_before);
  found.list_bytes = found.handlers * static_cast<double>(heap_bytes(sizeof(ListNode)));
  found.blocks = live_blocks();
  for (const auto& [size, count] : before) found.blocks[size] -= count;
  forget_redis_instance();
  return found;
}

void row(std::string_view what, const std::string& theirs, const std::string& ours) {
  fmt::print("| {} | {} | {} |\n", what, theirs, ours);
}

std::string megabytes(double bytes) {
  return fmt::format("{:.1f} MB", bytes / 1e6);
}

void print_table(const Measured& our) {
  using namespace original;
  const auto million = [](double bytes, double after) { return megabytes(bytes / after * 1e6); };
  fmt::print(
      "| | original (.NET), {:.0f} accesses | here (C++, Signals2), {:.0f} accesses |\n|---|---|---|\n",
      accesses, our.accesses);
  row("handlers per access", fmt::format("{:.2f}", handlers / accesses),
      fmt::format("{:.2f}", our.handlers / our.accesses));
  row("… of the type that failed and restored share", fmt::format("{:.0f}", shared_type),
      fmt::format("{:.0f}", our.shared_type));
  row("… of each of the four other types", fmt::format("{:.0f}", each_other_type),
      fmt::format("{:.0f}", our.each_other_type));
  row("bytes per handler", fmt::format("{:.0f}", handler_bytes / handlers),
      fmt::format("{:.0f} (and {:.0f} in the list)", our.handler_bytes() / our.handlers,
                  our.list_bytes / our.handlers));
  row("handlers, per million accesses", million(handler_bytes, accesses),
      million(our.handler_bytes(), our.accesses));
  row("lists, per million accesses", million(array_bytes, accesses) + " (arrays)",
      million(our.list_bytes, our.accesses));
  row("heap, per million accesses", million(heap_bytes, accesses) + " (all, free space too)",
      million(our.heap_bytes, our.accesses));
  row("heap, per day of 58,000 accesses", megabytes(heap_bytes / accesses * accesses_a_day),
      megabytes(our.heap_bytes / our.accesses * accesses_a_day));
}

void print_blocks(const Measured& our) {
  fmt::print("\nblocks that stay, per access (malloc's header included):\n");
  for (const auto& [size, count] : our.blocks) {
    const double each = static_cast<double>(count) / our.accesses;
    if (each >= 0.5) fmt::print("  {:.2f} of {} bytes\n", each, size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures what handlers registered on every access cost, on a private redis-server."};
  std::uint64_t accesses = 100'000;
  app.add_option("--accesses", accesses, "how often redis_instance() is called")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    const Measured measured = measure(accesses);
    print_table(measured);
    print_blocks(measured);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "handler_figures: {}\n", error.what());
    return 2;
  }
}
