#include "calibration/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <boost/algorithm/string/split.hpp>
#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <boost/process.hpp>

#include "harness/samples_csv.hpp"
#include "harness/scenario.hpp"

namespace soakline {
namespace {
namespace io = boost::iostreams;
constexpr std::string_view ending = ".csv.gz";
}  // namespace

std::string Trial::name() const {
  return fmt::format("{}.{}.{}.{}", kind, shape, std::lround(leak * 100), seed);
}

Trial trial_named(const std::string& file_name) {
  std::vector<std::string> parts;
  boost::split(parts, file_name, [](char c) { return c == '.'; });
  try {
    return {parts.at(0), parts.at(1), std::stod(parts.at(2)) / 100,
            static_cast<unsigned>(std::stoul(parts.at(3)))};
  } catch (const std::logic_error&) {
    throw ScenarioError(
        fmt::format("{}: no trace; they are called KIND.SHAPE.LEAK.SEED{}", file_name, ending));
  }
}

void make_trace(const Trial& trial, const std::filesystem::path& program,
                const std::filesystem::path& folder) {
  namespace process = boost::process;
  std::vector<std::string> arguments = {trial.kind, "--seed", std::to_string(trial.seed)};
  if (trial.leak > 0)
    for (const std::string& more :
         {std::string("--leak"), fmt::format("{}", trial.leak), std::string("--leak-shape"), trial.shape})
      arguments.push_back(more);
  const auto file = folder / (trial.name() + std::string(ending)),
             unfinished = folder / (trial.name() + ".new");
  process::ipstream printed;
  process::child life(program.string(), arguments, process::std_out > printed);
  {
    std::ofstream kept(unfinished, std::ios::binary);
    io::filtering_ostream compressed;
    compressed.push(io::gzip_compressor());
    compressed.push(kept);
    io::copy(printed, compressed);
  }
  life.wait();
  if (life.exit_code() != 0)
    throw std::runtime_error(fmt::format("{} ended with {}", trial.name(), life.exit_code()));
  std::filesystem::rename(unfinished, file);
}

std::vector<std::filesystem::path> traces_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Recording read_trace(const std::filesystem::path& file) {
  std::ifstream kept(file, std::ios::binary);
  io::filtering_istream plain;
  plain.push(io::gzip_decompressor());
  plain.push(kept);
  const std::string text{std::istreambuf_iterator<char>(plain), {}};
  return recording_of(parse_samples(text, file.string()));
}

void cut_trace(const std::filesystem::path& file, const std::filesystem::path& to, double end_s) {
  std::ifstream whole(file, std::ios::binary);
  io::filtering_istream plain;
  plain.push(io::gzip_decompressor());
  plain.push(whole);
  std::ofstream kept(to, std::ios::binary);
  io::filtering_ostream compressed;
  compressed.push(io::gzip_compressor(io::gzip::best_compression));
  compressed.push(kept);
  std::string line;
  std::getline(plain, line);  // the header
  do compressed << line << '\n';
  while (std::getline(plain, line) && std::strtod(line.c_str(), nullptr) <= end_s);
}

}  // namespace soakline
