// How much counts speak against a rate: e-values, which under any rate up to the expected one are 1 or less
// on average, so that more than 1 / alpha of them comes up with a probability of at most alpha (Ville, 1939;
// Ramdas et al., "Game-theoretic statistics and safe anytime-valid inference", 2023).
#pragma once

namespace soakline {

// Of `seen` where `expected` were to come by Poisson's law: a mixture of likelihood ratios.
double evidence_of(double seen, double expected);

// Of a rate of bytes with this variance, as if of blocks that all have the size variance / rate; 0 where
// there is none.
double evidence_of_rate(double rate, double variance, double tolerated);

// The least rate whose evidence against `tolerated` is as much, of blocks that add so much to it each.
double least_rate_of_evidence(double evidence, double block, double tolerated);

}  // namespace soakline
