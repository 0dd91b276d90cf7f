// What Node writes about its heap: a snapshot of every object, and a report of its spaces.
#pragma once

#include <iosfwd>
#include <optional>
#include <stop_token>

#include "harness/inventory/inventory.hpp"

namespace soakline {

// Objects of a .heapsnapshot by constructor, functions by name, all else by what it is: "(string)". Read as
// a stream, since one has the size of the heap; nothing where it is incomplete or none.
std::optional<Inventory> inventory_of_snapshot(std::istream& snapshot, const std::stop_token& stop = {});

// Bytes used by heap space, of a diagnostic report.
std::optional<Inventory> inventory_of_report(std::istream& report);

}  // namespace soakline
