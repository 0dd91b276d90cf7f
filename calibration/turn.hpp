// A turn that one thread gives to another.
#pragma once

#include <semaphore.h>

namespace soakline {

// std::binary_semaphore yields the processor many times before it sleeps: on busy cores each turn then takes
// milliseconds.
class Turn {
 public:
  Turn() { sem_init(&semaphore_, 0, 0); }
  ~Turn() { sem_destroy(&semaphore_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void give() { sem_post(&semaphore_); }
  void take() {
    while (sem_wait(&semaphore_) != 0) {
    }
  }

 private:
  sem_t semaphore_{};
};

}  // namespace soakline
