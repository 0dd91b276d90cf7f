#include "scenarios/executor/thread_source.hpp"

#include <pthread.h>

#include <new>
#include <system_error>

namespace executor {

void name_this_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

std::thread ThreadSource::start(std::string name, Task body) {
  const std::size_t number = ++*threads_;
  if (number > max_threads_) {
    --*threads_;
    exhausted("thread " + std::to_string(number) +
              " of the task schedulers is needed, but --max-threads is " + std::to_string(max_threads_));
  }
  try {
    return std::thread([name = std::move(name), body = std::move(body), threads = threads_] {
      name_this_thread(name);
      body();
      --*threads;
    });
  } catch (const std::system_error& error) {
    --*threads_;
    exhausted("the system refused thread " + std::to_string(number) +
              " of the task schedulers: " + error.code().message());
  } catch (const std::bad_alloc&) {
    --*threads_;
    exhausted("there is no memory for thread " + std::to_string(number) + " of the task schedulers");
  }
}

void ThreadSource::exhausted(const std::string& why) {
  const ThreadsExhausted error(why);
  if (on_exhausted_) on_exhausted_(error);
  throw error;
}

}  // namespace executor
