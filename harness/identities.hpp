// Lives of threads or descriptors as they come and go between samples: who was born, who is gone.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/judge/recording.hpp"

namespace soakline {

// Born or gone at this sample. `number` is the thread id or descriptor, `identity` what tells a reused number
// apart.
struct IdentityChange {
  int pid = 0;
  int number = 0;
  std::uint64_t identity = 0;
  double time_s = 0;  // of birth or end
  bool born = false;
};

// Keeps the lives of those alive, of those that reached age A, and of those that went since the sample before
// last: a look never asks for others, so that a target which makes and ends a million threads costs no
// memory.
class Lives {
 public:
  Lives(std::vector<Lifetime>& lives, double age_s) : lives_(lives), age_s_(age_s) {}

  // Call once before the changes of a sample.
  void next_sample();
  std::size_t born(double time_s);
  void gone(std::size_t slot, double time_s);

 private:
  std::vector<Lifetime>& lives_;
  double age_s_;
  std::vector<std::size_t> free_, freed_now_;
};

}  // namespace soakline
