// How often a test's program has allocated: allocation_count.cpp replaces its operator new.
#pragma once

namespace soakline {

long allocation_count();

}  // namespace soakline
