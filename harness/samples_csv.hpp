// samples.csv from anywhere: a header, then numbers; as few columns as time_s and one other.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/recording.hpp"

namespace soakline {

// What the name of a column of chunks begins with; the upper bound of its class in bytes follows.
inline constexpr std::string_view chunk_column = "chunks_";

// Columns by name, all as long as time_s; empty cells are NaN. Columns chunks_BYTES are apart, since few rows
// have them: the upper bounds of the size classes, ascending, and what was counted in each.
struct Table {
  std::vector<double> time_s;
  std::map<std::string, std::vector<double>, std::less<>> columns;
  std::vector<double> chunk_classes_bytes;
  std::vector<ChunkWalk> chunk_walks;

  std::vector<double> column(std::string_view name) const;  // empty where there is none
};

// ScenarioError names file, line and fix. A last line without its end, as a crash leaves it, is left out.
Table read_samples(const std::filesystem::path& file);
Table parse_samples(std::string_view text, const std::string& name);

}  // namespace soakline
