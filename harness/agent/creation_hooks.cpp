// The functions through which programs make threads, descriptors and mappings, in front of glibc's. Unseen:
// what glibc makes for itself, system calls made directly, descriptors that come in a message.
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "harness/agent/creations.hpp"
#include "harness/agent/hook.hpp"
#include "harness/agent/next_symbol.hpp"

// What glibc's headers make of open() where its flags are no constant.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
int __open_2(const char* path, int flags);
int __open64_2(const char* path, int flags);
int __openat_2(int directory, const char* path, int flags);
int __openat64_2(int directory, const char* path, int flags);
}
// NOLINTEND(bugprone-reserved-identifier)

// clang-format off
#define SOAKLINE_CREATIONS(DO) \
  DO(pthread_create) \
  DO(open) DO(open64) DO(openat) DO(openat64) DO(creat) DO(creat64) \
  DO(__open_2) DO(__open64_2) DO(__openat_2) DO(__openat64_2) \
  DO(fopen) DO(fopen64) DO(popen) DO(tmpfile) DO(tmpfile64) DO(opendir) \
  DO(mkstemp) DO(mkstemp64) DO(mkostemp) DO(mkostemp64) DO(shm_open) DO(memfd_create) DO(posix_openpt) \
  DO(socket) DO(socketpair) DO(accept) DO(accept4) DO(pipe) DO(pipe2) \
  DO(dup) DO(dup2) DO(dup3) DO(fcntl) DO(fcntl64) \
  DO(epoll_create) DO(epoll_create1) DO(eventfd) DO(timerfd_create) DO(signalfd) \
  DO(inotify_init) DO(inotify_init1) \
  DO(mmap) DO(mmap64) DO(mremap) DO(munmap)
// clang-format on

namespace soakline {
namespace {

struct NextCalls {
#define SOAKLINE_MEMBER(name) decltype(&::name) name;  // NOLINT(bugprone-macro-parentheses)
  SOAKLINE_CREATIONS(SOAKLINE_MEMBER)
#undef SOAKLINE_MEMBER
};
NextCalls next;
constinit std::atomic<bool> looked_up{false};

void look_up() {
#define SOAKLINE_LOOK_UP(name) next.name = reinterpret_cast<decltype(&::name)>(next_symbol(#name));
  SOAKLINE_CREATIONS(SOAKLINE_LOOK_UP)
#undef SOAKLINE_LOOK_UP
  looked_up.store(true, std::memory_order_release);
}

// The functions that come after ours. The constructors of other libraries may run before it is looked up.
const NextCalls& next_calls() {
  if (!looked_up.load(std::memory_order_acquire)) [[unlikely]]
    look_up();
  return next;
}

[[gnu::constructor]] void look_up_early() {
  next_calls();
}

int made(int descriptor, const Caller& caller) {
  if (descriptor >= 0) descriptor_made(descriptor, caller);
  return descriptor;
}

int made_pair(int result, const int* descriptors, const Caller& caller) {
  if (result != 0) return result;
  descriptor_made(descriptors[0], caller);
  descriptor_made(descriptors[1], caller);
  return result;
}

DIR* made(DIR* directory, const Caller& caller) {
  if (directory != nullptr) made(dirfd(directory), caller);
  return directory;
}

FILE* made(FILE* file, const Caller& caller) {
  if (file != nullptr) made(fileno(file), caller);
  return file;
}

// A new name for an old descriptor that is the old one makes nothing.
int made_of(int old, int descriptor, const Caller& caller) {
  return descriptor == old ? descriptor : made(descriptor, caller);
}

void* mapped(void* address, std::size_t length, const Caller& caller, void* old = nullptr) {
  if (address != MAP_FAILED) mapping_made(address, length, caller, old);
  return address;
}

int made_by(int command, int result, const Caller& caller) {
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? made(result, caller) : result;
}

}  // namespace
}  // namespace soakline

using namespace soakline;  // NOLINT(google-build-using-namespace): the hooks must be global

// What may be passed, passed on whether it was or not, as glibc's own fcntl() does.
#define SOAKLINE_OPTIONAL(type, after)      \
  va_list rest;                             \
  va_start(rest, after);                    \
  const auto optional = va_arg(rest, type); \
  va_end(rest)

SOAKLINE_HOOK int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*routine)(void*),
                                 void* argument) noexcept {
  ThreadStart* start = thread_asked_for(routine, argument, SOAKLINE_CALLER);
  if (start == nullptr) return next_calls().pthread_create(thread, attributes, routine, argument);
  const int error = next_calls().pthread_create(thread, attributes, run_thread, start);
  if (error != 0) thread_not_made(start);
  return error;
}

SOAKLINE_HOOK int open(const char* path, int flags, ...) {
  SOAKLINE_OPTIONAL(mode_t, flags);
  return made(next_calls().open(path, flags, optional), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int open64(const char* path, int flags, ...) {
  SOAKLINE_OPTIONAL(mode_t, flags);
  return made(next_calls().open64(path, flags, optional), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int openat(int directory, const char* path, int flags, ...) {
  SOAKLINE_OPTIONAL(mode_t, flags);
  return made(next_calls().openat(directory, path, flags, optional), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int openat64(int directory, const char* path, int flags, ...) {
  SOAKLINE_OPTIONAL(mode_t, flags);
  return made(next_calls().openat64(directory, path, flags, optional), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int creat(const char* path, mode_t mode) {
  return made(next_calls().creat(path, mode), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int creat64(const char* path, mode_t mode) {
  return made(next_calls().creat64(path, mode), SOAKLINE_CALLER);
}
// NOLINTBEGIN(bugprone-reserved-identifier)
SOAKLINE_HOOK int __open_2(const char* path, int flags) {
  return made(next_calls().__open_2(path, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int __open64_2(const char* path, int flags) {
  return made(next_calls().__open64_2(path, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int __openat_2(int directory, const char* path, int flags) {
  return made(next_calls().__openat_2(directory, path, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int __openat64_2(int directory, const char* path, int flags) {
  return made(next_calls().__openat64_2(directory, path, flags), SOAKLINE_CALLER);
}
// NOLINTEND(bugprone-reserved-identifier)
SOAKLINE_HOOK FILE* fopen(const char* path, const char* mode) {
  return made(next_calls().fopen(path, mode), SOAKLINE_CALLER);
}
SOAKLINE_HOOK FILE* fopen64(const char* path, const char* mode) {
  return made(next_calls().fopen64(path, mode), SOAKLINE_CALLER);
}
SOAKLINE_HOOK FILE* popen(const char* command, const char* type) {
  return made(next_calls().popen(command, type), SOAKLINE_CALLER);
}
SOAKLINE_HOOK FILE* tmpfile() {
  return made(next_calls().tmpfile(), SOAKLINE_CALLER);
}
SOAKLINE_HOOK FILE* tmpfile64() {
  return made(next_calls().tmpfile64(), SOAKLINE_CALLER);
}
SOAKLINE_HOOK DIR* opendir(const char* path) {
  return made(next_calls().opendir(path), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int mkstemp(char* path) {
  return made(next_calls().mkstemp(path), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int mkstemp64(char* path) {
  return made(next_calls().mkstemp64(path), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int mkostemp(char* path, int flags) {
  return made(next_calls().mkostemp(path, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int mkostemp64(char* path, int flags) {
  return made(next_calls().mkostemp64(path, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int shm_open(const char* name, int flags, mode_t mode) {
  return made(next_calls().shm_open(name, flags, mode), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int memfd_create(const char* name, unsigned flags) noexcept {
  return made(next_calls().memfd_create(name, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int posix_openpt(int flags) {
  return made(next_calls().posix_openpt(flags), SOAKLINE_CALLER);
}

SOAKLINE_HOOK int socket(int domain, int type, int protocol) noexcept {
  return made(next_calls().socket(domain, type, protocol), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int socketpair(int domain, int type, int protocol, int* descriptors) noexcept {
  return made_pair(next_calls().socketpair(domain, type, protocol, descriptors), descriptors,
                   SOAKLINE_CALLER);
}
SOAKLINE_HOOK int accept(int listening, sockaddr* address, socklen_t* length) {
  return made(next_calls().accept(listening, address, length), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int accept4(int listening, sockaddr* address, socklen_t* length, int flags) {
  return made(next_calls().accept4(listening, address, length, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int pipe(int* descriptors) noexcept {
  return made_pair(next_calls().pipe(descriptors), descriptors, SOAKLINE_CALLER);
}
SOAKLINE_HOOK int pipe2(int* descriptors, int flags) noexcept {
  return made_pair(next_calls().pipe2(descriptors, flags), descriptors, SOAKLINE_CALLER);
}

SOAKLINE_HOOK int dup(int old) noexcept {
  return made(next_calls().dup(old), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int dup2(int old, int wanted) noexcept {
  return made_of(old, next_calls().dup2(old, wanted), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int dup3(int old, int wanted, int flags) noexcept {
  return made(next_calls().dup3(old, wanted, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int fcntl(int descriptor, int command, ...) {
  SOAKLINE_OPTIONAL(void*, command);
  return made_by(command, next_calls().fcntl(descriptor, command, optional), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int fcntl64(int descriptor, int command, ...) {
  SOAKLINE_OPTIONAL(void*, command);
  return made_by(command, next_calls().fcntl64(descriptor, command, optional), SOAKLINE_CALLER);
}

SOAKLINE_HOOK int epoll_create(int size) noexcept {
  return made(next_calls().epoll_create(size), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int epoll_create1(int flags) noexcept {
  return made(next_calls().epoll_create1(flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int eventfd(unsigned count, int flags) noexcept {
  return made(next_calls().eventfd(count, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int timerfd_create(clockid_t clock, int flags) noexcept {
  return made(next_calls().timerfd_create(clock, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int signalfd(int old, const sigset_t* signals, int flags) noexcept {
  return made_of(old, next_calls().signalfd(old, signals, flags), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int inotify_init() noexcept {
  return made(next_calls().inotify_init(), SOAKLINE_CALLER);
}
SOAKLINE_HOOK int inotify_init1(int flags) noexcept {
  return made(next_calls().inotify_init1(flags), SOAKLINE_CALLER);
}

SOAKLINE_HOOK void* mmap(void* wanted, std::size_t length, int protection, int flags, int file,
                         off_t offset) noexcept {
  return mapped(next_calls().mmap(wanted, length, protection, flags, file, offset), length, SOAKLINE_CALLER);
}
SOAKLINE_HOOK void* mmap64(void* wanted, std::size_t length, int protection, int flags, int file,
                           off64_t offset) noexcept {
  return mapped(next_calls().mmap64(wanted, length, protection, flags, file, offset), length,
                SOAKLINE_CALLER);
}
SOAKLINE_HOOK void* mremap(void* old, std::size_t old_length, std::size_t length, int flags, ...) noexcept {
  SOAKLINE_OPTIONAL(void*, flags);
  return mapped(next_calls().mremap(old, old_length, length, flags, optional), length, SOAKLINE_CALLER, old);
}
SOAKLINE_HOOK int munmap(void* address, std::size_t length) noexcept {
  mapping_ended(address);
  return next_calls().munmap(address, length);
}

void soakline::for_each_creation_hook(void (*tell)(const char* name, void* hook)) {
#define SOAKLINE_TELL(name) tell(#name, reinterpret_cast<void*>(&::name));
  SOAKLINE_CREATIONS(SOAKLINE_TELL)
#undef SOAKLINE_TELL
}
