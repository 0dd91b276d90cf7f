// The pages' style sheet.
#pragma once

#include <string_view>

namespace soakline {

extern const std::string_view report_css;

}  // namespace soakline
