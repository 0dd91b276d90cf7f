// A client of redis whose works can leak as public reports say, or not, by a flag.
#include <cstdio>
#include <exception>

#include "scenarios/redis_client/options.hpp"
#include "scenarios/redis_client/works.hpp"
#include "scenarios/redis_subscription/errors.hpp"

using namespace redis_client;

namespace {

constexpr int usage_error = 2;

void work(const Options& options) {
  switch (options.work) {
    case Work::connections:
      return keep_connection(options);
    case Work::backlog:
      return log_orders(options);
    case Work::unsubscribe:
      return handle_orders(options);
    case Work::readers:
      return read_channel(options);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (const auto options = parse_options(argc, argv)) work(*options);
    return 0;
  } catch (const redis_subscription::RedisError& error) {
    std::fprintf(stderr, "redis_client: %s; start a redis-server there or name another with --redis\n",
                 error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "redis_client: %s\n", error.what());
  }
  return usage_error;
}
