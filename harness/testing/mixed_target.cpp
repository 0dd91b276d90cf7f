// mixed_target MODE SEED: leaks 90 MB a day, in real time, for soaks of the agent's judge.
// MODE: "churn" leaks at a site that also bears a thousand times as many blocks that go again, "lost" the
// same with blocks that nothing points at; "mixed" leaks beside a sawtooth of 30 MB, a pool of 20 MB and a
// cache that fills to 24 MB in the first minutes. "churn-clean" and "mixed-clean" leak nothing.
#include <chrono>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr double limit_per_s = 90e6 / 86'400;
constexpr double block_on_heap = 80;  // of 64 bytes and a little
constexpr auto tick = std::chrono::milliseconds(10);
constexpr double tick_s = 0.01;

struct Handler {
  Handler* next;
  char state[56];
};
Handler* first_handler;

// One site for what stays and for what goes at once.
[[gnu::noinline]] Handler* make_handler() {
  return static_cast<Handler*>(std::malloc(sizeof(Handler)));
}

[[gnu::noinline]] void register_handler() {
  Handler* handler = make_handler();
  handler->next = first_handler;
  first_handler = handler;
}

[[gnu::noinline]] void lose_handler() {
  make_handler()->next = nullptr;
}  // NOLINT(clang-analyzer-unix.Malloc): that it is lost is what it is for

// Calls so many times a second, on the average, as time goes on.
class Often {
 public:
  explicit Often(double per_s) : per_tick_(per_s * tick_s) {}
  void operator()(const std::function<void()>& work) {
    for (due_ += per_tick_; due_ >= 1; --due_) work();
  }

 private:
  double per_tick_, due_ = 0;
};

class SawtoothCache {
 public:
  SawtoothCache(double period_s, double bytes)
      : most_(static_cast<std::size_t>(bytes / 1040)), put_(bytes / 1040 / period_s) {}
  [[gnu::noinline]] void turn() {
    put_([this] {
      entries_.push_back(std::make_unique<char[]>(1024));
      if (entries_.size() >= most_) entries_.clear();
    });
  }

 private:
  std::size_t most_;
  Often put_;
  std::vector<std::unique_ptr<char[]>> entries_;
};

class FillingCache {
 public:
  FillingCache(double fill_s, double bytes)
      : most_(static_cast<std::size_t>(bytes / 2064)), put_(bytes / 2064 / fill_s) {}
  [[gnu::noinline]] void turn() {
    put_([this] {
      if (entries_.size() < most_) entries_.push_back(std::make_unique<char[]>(2048));
    });
  }

 private:
  std::size_t most_;
  Often put_;
  std::deque<std::unique_ptr<char[]>> entries_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  std::mt19937 random(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1);
  const auto between = [&](double least, double most) {
    return std::uniform_real_distribution<>(least, most)(random);
  };
  const bool clean = mode.ends_with("-clean");
  const double leaks_per_s = limit_per_s / block_on_heap;
  Often leak(clean ? 0 : leaks_per_s), churn(mode.starts_with("mixed") ? 1000 : 1000 * leaks_per_s);
  SawtoothCache sawtooth(between(150, 400), 30e6);
  FillingCache cache(between(100, 300), 24e6);
  std::vector<std::unique_ptr<char[]>> pool;
  for (int i = 0; mode.starts_with("mixed") && i < 20; ++i) pool.push_back(std::make_unique<char[]>(1 << 20));
  for (auto due = std::chrono::steady_clock::now();; due += tick) {
    std::this_thread::sleep_until(due);
    leak(mode == "lost" ? lose_handler : register_handler);
    churn([] { std::free(make_handler()); });
    if (!mode.starts_with("mixed")) continue;
    sawtooth.turn();
    cache.turn();
  }
}
