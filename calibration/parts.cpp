#include "calibration/parts.hpp"

namespace soakline {

Behaviour churn(Life& life, int thread, double per_s, Bytes bytes, double mean_life_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    life.keep_for(life.chance.exponential(mean_life_s), bytes.any(life.chance));
  }
}

void serve_request(Life& life, double seconds) {
  const Block head = life.block(Bytes{64, 512}.any(life.chance));
  const Block body = life.block(Bytes{200, 8 * KiB}.any(life.chance));
  for (int i = 0; i < 4; ++i)
    life.keep_for(seconds * life.chance.uniform(0.1, 1), Bytes{24, 400}.any(life.chance));
  life.keep_for(seconds, Bytes{500, 16 * KiB}.any(life.chance));
}

}  // namespace soakline
