// A heap as language runtimes have it: objects are laid one behind the other, and when it is full a
// collection moves what lives together and gives the rest back to the system. It never uses malloc.
#pragma once

#include <cstddef>

namespace soakline {

class CollectedHeap {
 public:
  // Room for so many bytes is reserved, none of it touched.
  explicit CollectedHeap(std::size_t bytes);
  ~CollectedHeap();
  CollectedHeap(const CollectedHeap&) = delete;
  CollectedHeap& operator=(const CollectedHeap&) = delete;

  void allocate(double bytes);  // objects that are garbage by the next collection
  void retain(double bytes);    // objects that stay
  void release(double bytes);   // of those that stayed; the place is got back by the next collection
  void collect();

  double used() const { return used_; }
  double retained() const { return retained_; }

 private:
  std::size_t bytes_;
  char* pages_;
  double used_ = 0, retained_ = 0, touched_ = 0;
};

}  // namespace soakline
