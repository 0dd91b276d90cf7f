// What agent_stress loads and unloads again while its blocks live on.
#include <cstddef>
#include <cstdlib>

extern "C" void* plugin_block(std::size_t bytes) {
  void* block = std::malloc(bytes);
  asm volatile("" : "+r"(block));  // no tail call: the call's place is the plugin's
  return block;
}
