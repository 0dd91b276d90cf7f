#include "loadgen/schedule.hpp"

#include <cmath>
#include <limits>

namespace soakline {

Schedule::Schedule(Arrivals arrivals, double rate_per_s, std::uint64_t seed, const RateShape& shape,
                   Idle idle, Purpose purpose)
    : arrivals_(arrivals), idle_(idle), random_(seeded(seed, purpose)) {
  const double rate_per_ns = rate_per_s / 1e9;
  for (const RatePiece& piece : shape.pieces)
    pieces_.push_back({piece.lasts_s * 1e9, piece.from * rate_per_ns, piece.to * rate_per_ns});
  if (pieces_.empty()) pieces_.push_back({std::numeric_limits<double>::infinity(), rate_per_ns, rate_per_ns});
  if (arrivals_ == Arrivals::poisson) arrived_ = unit_gap_(random_);
  find_due();
}

void Schedule::advance() {
  arrived_ += arrivals_ == Arrivals::fixed ? 1 : unit_gap_(random_);
  find_due();
}

void Schedule::find_due() {
  while (arrived_ >= pieces_[piece_].arrivals()) {
    arrived_ -= pieces_[piece_].arrivals();
    piece_begin_ns_ += pieces_[piece_].lasts_ns;
    if (++piece_ == pieces_.size()) piece_ = 0;
  }
  const Piece& piece = pieces_[piece_];
  double into_ns = 0;
  if (piece.from == piece.to) {
    into_ns = arrived_ / piece.from;
  } else if (arrived_ > 0) {
    // The root of from * t + slope * t^2 / 2 = arrived, in the form that does not cancel.
    const double slope = (piece.to - piece.from) / piece.lasts_ns;
    const double discriminant = std::max(0.0, piece.from * piece.from + 2 * slope * arrived_);
    into_ns = 2 * arrived_ / (piece.from + std::sqrt(discriminant));
  }
  busy_ns_ = std::llround(piece_begin_ns_ + into_ns);
}

}  // namespace soakline
