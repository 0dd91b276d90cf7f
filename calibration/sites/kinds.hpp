// Kinds of programs by what their allocation sites keep, all of which turn over within `settle`, and leaks to
// put into them.
#pragma once

#include <span>
#include <string_view>

#include "calibration/sites/program.hpp"

namespace soakline {

// Adds its sites to a program.
struct SiteKind {
  std::string_view name;
  void (*add)(SimulatedProgram& program, Chance& chance);
};
std::span<const SiteKind> site_kinds();
// The smallest of all sites: temporary blocks, of which a few live longer, as every program has them.
void add_noise(SimulatedProgram& program, Chance& chance);

// The longest that anything of these programs takes to turn over.
inline constexpr double site_settle_s = 600;

enum class SiteLeak { alone, clumps, split, with_cache, with_sawtooth, big, loaded, late };
inline constexpr SiteLeak all_site_leaks[] = {SiteLeak::alone,      SiteLeak::clumps,        SiteLeak::split,
                                              SiteLeak::with_cache, SiteLeak::with_sawtooth, SiteLeak::big,
                                              SiteLeak::loaded,     SiteLeak::late};
std::string_view name_of(SiteLeak leak);
// Leaks so many bytes a second, on the average of a load cycle; gives the first of its sites, counted from 1.
std::uint32_t add_leak(SimulatedProgram& program, Chance& chance, SiteLeak leak, double bytes_per_s);

}  // namespace soakline
