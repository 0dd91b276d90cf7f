// holders_target KIND NUMBER [rebuild]: a program for tests of who holds what: keeps so many records, all
// born in make_record, in one of several ways, and says "held NUMBER". With `rebuild` another thread makes
// what holds them anew without end; the records stay. "objects" makes more at every SIGUSR1, and says so.
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace holding {

struct Record {
  long number = 0;
  char text[80] = {};  // 88 bytes: what follows the chunk in the heap begins in the record's last word
};

[[gnu::noinline]] Record* make_record(long number) {
  auto* record = new Record;
  record->number = number;
  return record;
}

[[noreturn]] void wait_for_the_end() {
  for (;;) pause();
}

bool rebuilds = false;

void say(int number) {
  char line[32];
  const int length = std::snprintf(line, sizeof line, "held %d\n", number);
  if (write(1, line, static_cast<std::size_t>(length)) != length) std::abort();
}

[[noreturn]] void say_held(int number) {
  say(number);
  wait_for_the_end();
}

// Makes `holder` anew from itself, for ever.
template <typename Holder, typename Make>
void rebuild_without_end(Holder& holder, Make make) {
  if (!rebuilds) return;
  std::thread([&holder, make] {
    for (;;) {
      auto next = make(holder);
      std::swap(holder, next);
    }
  }).detach();
}

std::unordered_map<long, Record*> records_by_number;

void hold_in_a_map(int number) {
  for (int i = 0; i < number; ++i) records_by_number[i] = make_record(i);
  rebuild_without_end(records_by_number, [](const auto& old) {
    std::unordered_map<long, Record*> next;
    for (const auto& one : old) next.insert(one);
    return next;
  });
}

struct Registry {
  long version = 0;
  std::vector<std::function<long()>> functions;
};
std::shared_ptr<Registry> registry;

void hold_in_functions(int number) {
  registry = std::make_shared<Registry>();
  for (int i = 0; i < number; ++i)
    registry->functions.emplace_back([record = make_record(i)] { return record->number; });
  rebuild_without_end(registry->functions, [](const auto& old) { return old; });
}

// The record's link is not its first member, and links point at links.
struct Link {
  Link* next = nullptr;
};
struct Linked {
  char before[40];
  Link link;
};
struct List {
  long version = 0;
  Link first;
};
std::unique_ptr<List> list;

void hold_in_a_list(int number) {
  list = std::make_unique<List>();
  for (int i = 0; i < number; ++i) {
    auto* linked = reinterpret_cast<Linked*>(make_record(i));
    linked->link.next = list->first.next;
    list->first.next = &linked->link;
  }
  rebuild_without_end(list, [](const auto& old) { return std::make_unique<List>(*old); });
}

std::atomic<int> ready;

[[gnu::noinline]] void fill(std::deque<Record*>& queue, int number) {
  for (int i = 0; i < number; ++i) queue.push_back(make_record(i));
}

[[noreturn, gnu::noinline]] void serve_queue(int number) {
  std::deque<Record*> queue;
  fill(queue, number);
  rebuild_without_end(queue, [](const auto& old) { return std::deque<Record*>(old.begin(), old.end()); });
  say_held(number);
}

void hold_on_a_stack(int number) {
  std::thread(serve_queue, number).detach();
}

void hold_on_many_stacks(int number) {
  constexpr int threads = 50;
  for (int i = 0; i < threads; ++i)
    std::thread([number] {
      std::deque<Record*> queue;
      fill(queue, number / threads);
      if (++ready == threads) say_held(number);
      wait_for_the_end();
    }).detach();
}

struct Session {
  virtual ~Session() = default;
  std::vector<Record*> records;
};

void hold_by_a_lambda(int number) {
  auto session = std::make_unique<Session>();
  for (int i = 0; i < number; ++i) session->records.push_back(make_record(i));
  rebuild_without_end(session->records, [](const auto& old) { return old; });
  std::thread([session = std::move(session), number] { say_held(number); }).detach();
}

// As many again were held and freed: they wait in the thread's cache and in fastbins.
void hold_half(int number) {
  hold_in_a_map(2 * number);
  for (int i = 0; i < 2 * number; i += 2) {
    delete records_by_number[i];
    records_by_number[i] = nullptr;
  }
}

[[noreturn]] void hold_half_in_a_thread(int number) {
  std::thread([number] {
    hold_half(number);
    say_held(number);
  }).detach();
  wait_for_the_end();
}

// Two classes whose objects are of one size: of one there are ever more.
struct Task {
  virtual ~Task() = default;
  long numbers[10] = {};
};
struct Leaking : Task {};
struct Steady : Task {};
std::vector<std::unique_ptr<Task>> tasks;

[[noreturn]] void hold_objects(int number) {
  sigset_t more;
  sigemptyset(&more);
  sigaddset(&more, SIGUSR1);
  sigprocmask(SIG_BLOCK, &more, nullptr);
  for (int i = 0; i < 2 * number; ++i) tasks.push_back(std::make_unique<Steady>());
  for (int signal = 0;; sigwait(&more, &signal)) {
    for (int i = 0; i < number; ++i) tasks.push_back(std::make_unique<Leaking>());
    say(number);
  }
}

struct Node {
  std::shared_ptr<Node> other;
  Record* record = nullptr;
};

[[gnu::noinline]] void lose_a_pair(int i) {
  auto one = std::make_shared<Node>(), two = std::make_shared<Node>();
  one->other = two;
  two->other = one;
  one->record = make_record(i);
}

// As calls that come later would, over what is left on the stack.
[[gnu::noinline]] void overwrite_the_stack() {
  volatile char scratch[8192];
  for (volatile char& byte : scratch) byte = 0;
}

void lose_pairs(int number) {
  for (int i = 0; i < number; ++i) lose_a_pair(i);
  static std::vector<Record*> others(1000);
  std::generate(others.begin(), others.end(), [] { return new Record; });
  rebuild_without_end(others, [](const auto& old) { return old; });
}

// The heap's last block, which the allocator's own pointer to what is free behind it points into.
[[gnu::noinline]] void lose_the_last(int number) {
  make_record(number);
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): that is what is looked for

// Nowhere else: epoll gives the record back when its pipe is read.
void hold_by_epoll(int number) {
  const int epoll = epoll_create1(0);
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the kernel has the pointer
  for (int i = 0; i < number; ++i) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    epoll_event event{.events = EPOLLIN, .data = {.ptr = make_record(i)}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
  }
}

// The child has its parent's records, which it does not count, and as many of its own.
void hold_in_a_child(int number) {
  hold_in_a_map(number);
  if (fork() != 0) wait_for_the_end();
  for (int i = 0; i < number; ++i) records_by_number[number + i] = make_record(i);
}

thread_local std::vector<Record*> records_of_thread;

void hold_in_a_thread_local(int number) {
  for (int i = 0; i < number; ++i) records_of_thread.push_back(make_record(i));
  rebuild_without_end(records_of_thread, [](const auto& old) { return old; });
}

}  // namespace holding

using namespace holding;  // NOLINT(google-build-using-namespace): it is one program

int main(int argc, char** argv) {
  const std::string_view kind = argc > 1 ? argv[1] : "";
  const int number = argc > 2 ? std::atoi(argv[2]) : 0;
  rebuilds = argc > 3 && std::string_view(argv[3]) == "rebuild";
  using Hold = void (*)(int);
  constexpr std::pair<std::string_view, Hold> kinds[] = {{"map", hold_in_a_map},
                                                         {"functions", hold_in_functions},
                                                         {"list", hold_in_a_list},
                                                         {"stack", hold_on_a_stack},
                                                         {"stacks", hold_on_many_stacks},
                                                         {"lambda", hold_by_a_lambda},
                                                         {"epoll", hold_by_epoll},
                                                         {"fork", hold_in_a_child},
                                                         {"thread-local", hold_in_a_thread_local},
                                                         {"cycle", lose_pairs},
                                                         {"last", lose_the_last},
                                                         {"half", hold_half},
                                                         {"half-in-a-thread", hold_half_in_a_thread},
                                                         {"objects", hold_objects}};
  for (const auto& [name, hold] : kinds)
    if (name == kind) hold(number);
  overwrite_the_stack();
  if (kind == "stack" || kind == "stacks" || kind == "lambda") wait_for_the_end();
  say_held(number);
}
