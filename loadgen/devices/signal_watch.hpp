// SIGTERM and SIGINT as a descriptor that can be read once one has come; blocked otherwise as long as it
// lives.
#pragma once

#include <csignal>

namespace soakline {

class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  int descriptor() const { return descriptor_; }
  // Takes one that has come.
  void take();

 private:
  sigset_t before_{};
  int descriptor_ = -1;
};

}  // namespace soakline
