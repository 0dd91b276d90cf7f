// creation_target MODE [N]: a program for tests of who made what. It says each descriptor or thread that it
// made as "NUMBER FUNCTION", then "ready", and waits.
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr int untouched = 77;  // no errno of any call

[[noreturn]] void wait_for_the_end() {
  for (;;) pause();
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

// Tests look for the names of these functions in stacks.
#define MAKER [[gnu::noinline]] int

int say(int descriptor, const char* maker) {
  if (descriptor < 0) fail(maker);
  if (errno != untouched) fail("errno");
  std::printf("%d %s\n", descriptor, maker);
  errno = untouched;
  return descriptor;
}

MAKER by_open() {
  return say(open("/dev/null", O_RDONLY), "by_open");
}
MAKER by_openat() {
  return say(openat(AT_FDCWD, "/dev/null", O_RDONLY), "by_openat");
}
MAKER by_open_with_mode() {
  char path[] = "/tmp/soakline-mode-XXXXXX";
  if (mkdtemp(path) == nullptr || chdir(path) != 0) fail(path);
  errno = untouched;
  const int made = say(open("made", O_RDWR | O_CREAT, 0600), "by_open_with_mode");
  struct stat status {};
  if (fstat(made, &status) != 0 || (status.st_mode & 0777) != 0600) fail("mode");
  unlink("made");
  rmdir(path);
  return made;
}
MAKER by_fopen() {
  return say(fileno(std::fopen("/dev/null", "r")), "by_fopen");
}
MAKER by_opendir() {
  return say(dirfd(opendir("/")), "by_opendir");
}
MAKER by_mkstemp() {
  char path[] = "/tmp/soakline-XXXXXX";
  const int made = say(mkstemp(path), "by_mkstemp");
  unlink(path);
  return made;
}
MAKER by_memfd() {
  return say(memfd_create("soakline", 0), "by_memfd");
}
MAKER by_socket() {
  return say(socket(AF_UNIX, SOCK_STREAM, 0), "by_socket");
}
MAKER by_accept() {
  const int listening = by_socket();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "soakline-%d", getpid());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (bind(listening, generic, sizeof address) != 0 || listen(listening, 9) != 0) fail("listen");
  for (int i = 0; i < 2; ++i)
    if (connect(by_socket(), generic, sizeof address) != 0) fail("connect");
  say(accept4(listening, nullptr, nullptr, SOCK_CLOEXEC), "by_accept");
  return say(accept(listening, nullptr, nullptr), "by_accept");
}
inline int by_pair(int (*make)(int*), const char* maker) {
  int both[2] = {-1, -1};
  if (make(both) != 0) fail(maker);
  say(both[0], maker);
  return say(both[1], maker);
}
MAKER by_socketpair() {
  return by_pair([](int* both) { return socketpair(AF_UNIX, SOCK_STREAM, 0, both); }, "by_socketpair");
}
MAKER by_pipe() {
  return by_pair([](int* both) { return pipe(both); }, "by_pipe");
}
MAKER by_pipe2() {
  return by_pair([](int* both) { return pipe2(both, O_CLOEXEC); }, "by_pipe2");
}
MAKER by_dup() {
  return say(dup(0), "by_dup");
}
MAKER by_dup2(int wanted) {
  return say(dup2(0, wanted), "by_dup2");
}
MAKER by_dup3() {
  return say(dup3(0, 101, O_CLOEXEC), "by_dup3");
}
MAKER by_fcntl() {
  return say(fcntl(0, F_DUPFD_CLOEXEC, 102), "by_fcntl");
}
MAKER by_epoll() {
  return say(epoll_create1(0), "by_epoll");
}
MAKER by_eventfd() {
  return say(eventfd(0, 0), "by_eventfd");
}
MAKER by_timerfd() {
  return say(timerfd_create(CLOCK_MONOTONIC, 0), "by_timerfd");
}
MAKER by_signalfd() {
  sigset_t none;
  sigemptyset(&none);
  return say(signalfd(-1, &none, 0), "by_signalfd");
}
MAKER by_inotify() {
  return say(inotify_init1(0), "by_inotify");
}

void one_of_each() {
  if (open("/nowhere/at/all", O_RDONLY) >= 0 || errno != ENOENT) fail("errno of a failure");
  errno = untouched;
  for (int (*make)() :
       {by_open,   by_openat, by_open_with_mode, by_fopen,   by_opendir,  by_mkstemp, by_memfd,
        by_socket, by_accept, by_socketpair,     by_pipe,    by_pipe2,    by_dup,     by_dup3,
        by_fcntl,  by_epoll,  by_eventfd,        by_timerfd, by_signalfd, by_inotify})
    make();
  by_dup2(100);
  if (dup2(0, 0) != 0) fail("dup2");  // is what it was
}

[[gnu::noinline]] int open_and_close() {
  const int made = open("/dev/null", O_RDONLY);
  close(made);
  return made;
}

[[gnu::noinline]] void overwrite_in_child_of_vfork(int descriptor) {
  const pid_t child = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  // NOLINTNEXTLINE(clang-analyzer-unix.Vfork): as many programs do
  if (child == 0) _exit(dup2(0, descriptor) == descriptor ? 0 : 1);
  if (int status = 0; waitpid(child, &status, 0) != child || status != 0) fail("vfork");
}

// As a thread of a pool that has nothing to do.
[[gnu::noinline]] void wait_for_work() {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  for (;;) pthread_cond_wait(&work, &mutex);
}

void* work_in_thread(void* begun) {
  static_cast<std::atomic<int>*>(begun)->store(gettid());
  wait_for_work();
  return nullptr;
}

MAKER make_thread() {
  std::atomic<int> tid{0};
  pthread_t thread = 0;
  if (pthread_create(&thread, nullptr, work_in_thread, &tid) != 0) fail("pthread_create");
  while (tid == 0) sched_yield();
  std::printf("%d make_thread\n", tid.load());
  return tid;
}

// Not more in a second than the agent records.
void come_and_go(int threads) {
  for (int i = 1; i <= threads; ++i) {
    if (i % 400 == 0) sleep(1);
    pthread_t thread = 0;
    if (pthread_create(
            &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) != 0)
      fail("pthread_create");
    pthread_join(thread, nullptr);
  }
}

// 256 KiB that stay, beside as much that goes again and a mapping that moves as it grows.
MAKER map_forever() {
  constexpr std::size_t length = 256 << 10;
  const auto map = [] {
    return mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  };
  void* const kept = map();
  void* const passing = map();
  void* const moved = mremap(passing, length, 2 * length, MREMAP_MAYMOVE);
  if (kept == MAP_FAILED || passing == MAP_FAILED || moved == MAP_FAILED) fail("map_forever");
  return munmap(moved, 2 * length);
}

// What the hooks cost: processor time of N of each.
void say_cost(int n, const char* what, void (*make)()) {
  timespec from{}, to{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
  for (int i = 0; i < n; ++i) make();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
  const long ns = (to.tv_sec - from.tv_sec) * 1'000'000'000 + to.tv_nsec - from.tv_nsec;
  std::printf("%ld ns %s\n", ns / n, what);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const int n = argc > 2 ? std::atoi(argv[2]) : 0;
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 12);
  std::puts("0 main");
  errno = untouched;
  if (mode == "one-of-each") one_of_each();
  if (mode == "reuse") {
    open_and_close();
    by_open();
  }
  if (mode == "storm") {
    for (int i = 0; i < n; ++i) open_and_close();
    by_open();
  }
  if (mode == "unseen") {
    close(by_open());
    std::printf("%ld nobody\n", syscall(SYS_openat, AT_FDCWD, "/dev/zero", O_RDONLY));
  }
  if (mode == "vfork") overwrite_in_child_of_vfork(by_open());
  if (mode == "fork") {
    by_open();
    if (fork() == 0) by_socket();
  }
  for (int i = 0; mode == "threads" && i < 2; ++i) {
    make_thread();
    if (i == 0) come_and_go(n);
  }
  for (int i = 0; mode == "map" && i < n; ++i) map_forever();
  if (mode == "cost") {
    say_cost(n, "open and close", [] { open_and_close(); });
    say_cost(n, "pthread_create and pthread_join", [] { come_and_go(1); });
  }
  if (mode == "leak-mappings") {
    std::puts("ready");
    for (;; usleep(static_cast<useconds_t>(n) * 1000)) map_forever();
  }
  if (mode == "leak-threads" || mode == "leak-descriptors") {
    std::puts("ready");
    for (;; usleep(static_cast<useconds_t>(n) * 1000)) mode == "leak-threads" ? make_thread() : by_socket();
  }
  std::puts("ready");
  wait_for_the_end();
}
