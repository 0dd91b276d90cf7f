#include "loadgen/hdr_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>

#include "loadgen/hdr_encoding.hpp"

namespace soakline {
namespace {

std::string base64(std::string_view bytes) {
  using namespace boost::archive::iterators;
  using Digits = base64_from_binary<transform_width<std::string_view::const_iterator, 6, 8>>;
  std::string text(Digits(bytes.begin()), Digits(bytes.end()));
  text.append((3 - bytes.size() % 3) % 3, '=');
  return text;
}

}  // namespace

void HdrLog::add(double until_s, const Ledger& ledger) {
  if (!begun_) begin(until_s);
  begun_ = true;
  write("intended", until_s, ledger.from_intended, intended_);
  write("sent", until_s, ledger.from_sent, sent_);
  write("lateness", until_s, ledger.lateness, lateness_);
  out_.flush();
  from_s_ = until_s;
}

void HdrLog::begin(double begun_s_ago) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  const double start_s = now.count() - begun_s_ago;
  out_ << "#[Histogram log format version 1.3]\n"
       << fmt::format("#[StartTime: {:.3f} (seconds since epoch), {:%Y-%m-%dT%H:%M:%SZ}]\n", start_s,
                      fmt::gmtime(static_cast<std::time_t>(start_s)))
       << fmt::format("#[BaseTime: {:.3f} (seconds since epoch)]\n", start_s)
       << R"("StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram")" << '\n';
}

void HdrLog::write(const char* tag, double until_s, const LatencyHistogram& latency,
                   LatencyHistogram& before) {
  const LatencyHistogram interval = latency.since(before);
  out_ << fmt::format("Tag={},{:.3f},{:.3f},{:.3f},{}\n", tag, from_s_, until_s - from_s_,
                      static_cast<double>(interval.max_ns()) * 1e-6, base64(hdr_compressed(interval)));
  before = latency;
}

}  // namespace soakline
