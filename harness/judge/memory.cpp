#include "harness/judge/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/judge/growth_parts.hpp"
#include "harness/judge/shape.hpp"

namespace soakline {
namespace {

// What is worth a word other than flat: a tenth of what the limit adds, and 32 pages, an allocator's noise.
constexpr double least_rise = 0.1;
constexpr double least_rise_pages = 32;
constexpr double slow = 0.1;     // of what is tolerated: less than this no longer counts as filling
constexpr double full_by = 0.4;  // of the warm-up: there the first windows of the rules begin
constexpr double shortest_window_minutes = 20;  // of chunks, and near that of RSS
constexpr double most_unseen = 0.1;             // of the time since a pass, as of the blocks of any window

double cell(const std::vector<double>& column, std::size_t row) {
  return row < column.size() ? column[row] : missing;
}

// Those made by now.
std::span<const ChunkWalk> made_until(std::span<const ChunkWalk> walks, double now_s) {
  const auto end =
      std::upper_bound(walks.begin(), walks.end(), now_s,
                       [](double time_s, const ChunkWalk& walk) { return time_s < walk.time_s; });
  return {walks.begin(), end};
}

// Of the last row up to each point; empty where nobody counted them.
std::vector<double> operations_at(std::span<const Point> points, const Recording& recording) {
  std::vector<double> operations;
  if (recording.operations.size() != recording.time_s.size()) return operations;
  std::size_t row = 0;
  double done = 0;
  for (const Point& point : points) {
    for (; row < recording.time_s.size() && recording.time_s[row] <= point.time_s; ++row)
      if (!std::isnan(recording.operations[row])) done = recording.operations[row];
    operations.push_back(done);
  }
  if (operations.empty() || operations.back() <= operations.front()) operations.clear();
  return operations;
}

}  // namespace

Memory::Memory(const JudgeSettings& settings)
    : settings_(settings),
      plan_(plan_memory(settings)),
      sites_(settings),
      aged_(settings),
      chunks_(settings),
      rss_(settings),
      rest_(settings),
      gaps_(plan_.minute_s) {
  verdict_.metric = Metric::memory;
  verdict_.signal = "rss";
  verdict_.verdict = Verdict::inconclusive;  // until a look decides
  verdict_.limit = settings.memory.fail;
  verdict_.tolerated = settings.memory.tolerate;
}

void Memory::add(const Recording& recording, std::size_t row, const Disturbances& disturbed) {
  const double time_s = recording.time_s[row];
  const bool quiet = !disturbed.contains(time_s);
  const double slack = cell(recording.heap_slack_bytes, row);
  if (quiet && !std::isnan(slack)) slack_bytes_ = slack;
  take_walks(recording, time_s, disturbed);
  sites_.add_operations(time_s, cell(recording.operations, row));
  by_site_ = by_site_ || (!recording.cohorts.empty() && recording.cohorts.front().time_s <= time_s);
  Levels now{cell(recording.rss_bytes, row), cell(recording.heap_aged_bytes, row)};
  if (!std::isnan(now.rss) || !std::isnan(now.aged)) gaps_.add(time_s);
  // What a walk of malloc's chunks holds includes its headers, which a program's own bytes do not.
  const double live = cell(recording.heap_live_bytes, row);
  now.rest = now.rss - (std::isnan(walked_bytes_) ? live : walked_bytes_) - slack_bytes_;
  for (double Levels::*const level : {&Levels::rss, &Levels::aged, &Levels::rest}) {
    if (std::isnan(now.*level)) continue;
    if (quiet)
      undisturbed_.*level = now.*level;
    else
      now.*level = undisturbed_.*level;
  }
  rss_.add(time_s, now.rss);
  aged_.add(time_s, now.aged);
  rest_.add(time_s, now.rest);
}

// The heap's classes as they last were outside of faults, at the times of all walks.
void Memory::take_walks(const Recording& recording, double until_s, const Disturbances& disturbed) {
  const auto& walks = recording.chunk_walks;
  for (; walks_seen_ < walks.size() && walks[walks_seen_].time_s <= until_s; ++walks_seen_)
    if (!disturbed.contains(walks[walks_seen_].time_s))
      walked_bytes_ = bytes_of(walks[walks_seen_], recording.chunk_classes_bytes);
  if (recording.faults.empty()) return;
  for (; walks_held_ < walks_seen_; ++walks_held_) {
    ChunkWalk walk = walks[walks_held_];
    if (disturbed.contains(walk.time_s)) {
      if (quiet_walks_.empty()) continue;
      walk.counts = quiet_walks_.back().counts;
    }
    quiet_walks_.push_back(std::move(walk));
  }
}

std::span<const ChunkWalk> Memory::walks_until(const Recording& recording, double now_s) const {
  return made_until(recording.faults.empty() ? recording.chunk_walks : quiet_walks_, now_s);
}

double Memory::next_look_s() const {
  return std::min({by_site_ ? sites_.next_look_s() : never_s, aged_.seen() ? aged_.next_look_s() : never_s,
                   rss_.next_look_s()});
}

void Memory::look(const Recording& recording, const Disturbances& disturbed) {
  const double now_s = next_look_s();
  const auto walks = walks_until(recording, now_s);
  walked_ = !walks.empty();
  while (by_site_ && sites_.next_look_s() <= now_s) of_sites_ = sites_.look(recording, disturbed);
  while (aged_.next_look_s() <= now_s) of_aged_ = aged_.look();
  while (chunks_.next_look_s() <= now_s) of_chunks_ = chunks_.look(walks, recording.chunk_classes_bytes);
  while (rest_.next_look_s() <= now_s) of_rest_ = rest_.look();
  while (rss_.next_look_s() <= now_s) of_rss_ = rss_.look();
  const Opinion opinion = !settings_.collected_by.empty() ? by_collected_heap()
                          : by_site_                      ? by_sites(now_s)
                          : aged_.seen()                  ? by_aged_bytes(now_s)
                          : chunks_.seen()                ? by_chunks(now_s)
                                                          : Opinion{"rss", of_rss_};
  settle_on(unless_unseen(opinion, now_s, disturbed), now_s);
}

// A gap makes steady growth look uneven, and slow where the clock went on without the program; faults that
// cover most of the time leave as little to see.
Memory::Opinion Memory::unless_unseen(Opinion opinion, double now_s, const Disturbances& disturbed) const {
  Assessment& now = opinion.assessment;
  if (now.verdict != Verdict::pass) return opinion;
  if (gaps_.within(now_s / 3, now_s) > 0) {
    now.verdict = Verdict::inconclusive;
    now.reason = "would pass, but samples are missing in the last two thirds of the time";
  } else if (disturbed.hide(now_s / 3, now_s)) {
    now.verdict = Verdict::inconclusive;
    now.reason = "would pass, but faults cover too much of the last two thirds of the time";
  }
  return opinion;
}

// What grows in blocks that are there, or in few large ones, no count of survivors shows soon: aged bytes
// fail them, by a window that lies after settle as a whole.
Memory::Opinion Memory::by_sites(double now_s) const {
  Opinion heap{"sites", of_sites_};
  if (of_sites_.verdict == Verdict::fail) return heap;
  if (of_rest_.verdict == Verdict::fail) return rest_alone();
  if (of_sites_.verdict == Verdict::pass) return beside_the_rest(heap, rest_.later_growth(now_s));
  if (of_aged_.verdict == Verdict::fail && now_s / 2 >= settings_.settle_s) return {"heap_aged", of_aged_};
  return heap;
}

Memory::Opinion Memory::by_aged_bytes(double now_s) const {
  if (of_aged_.verdict != Verdict::fail && of_rest_.verdict == Verdict::fail) return rest_alone();
  Opinion heap{"heap_aged", of_aged_};
  return of_aged_.verdict == Verdict::pass ? beside_the_rest(heap, rest_.growth(now_s)) : heap;
}

// The heap may pass only beside a rest, growing by so many limits, that leaves room below the limit; the rest
// fails like any RSS.
Memory::Opinion Memory::beside_the_rest(Opinion heap, double rest) const {
  const bool room =
      heap.assessment.estimate.high + std::max(0.0, rest) * settings_.memory.fail < settings_.memory.fail;
  if (!room || !(rest < std::max(0.45, 0.9 * settings_.memory.tolerate / settings_.memory.fail))) {
    heap.assessment.verdict = Verdict::inconclusive;
    heap.assessment.reason = "the heap stays, but memory outside it grows";
  }
  return heap;
}

Memory::Opinion Memory::rest_alone() const {
  Opinion rest{outside_the_heap, of_rest_};
  rest.assessment.reason = "memory outside the heap grows by like amounts, piece after piece";
  return rest;
}

Memory::Opinion Memory::by_chunks(double now_s) const {
  if (of_chunks_.verdict == Verdict::fail) return {"chunks", of_chunks_};
  if (of_rest_.verdict == Verdict::fail) return rest_alone();
  // What grows in no class has to show in all chunks together: RSS that no chunk in use explains is
  // fragmentation.
  if (of_rss_.verdict == Verdict::fail && chunks_.grows_unexplained()) return {"rss", of_rss_};
  Opinion heap{"chunks", of_chunks_};
  if (heap.assessment.verdict == Verdict::pass && !(rss_.later_growth(now_s) < 0.6)) {
    heap.assessment.verdict = Verdict::inconclusive;
    heap.assessment.reason = "no size of heap chunks grows steadily, but RSS grows";
  }
  return heap;
}

// malloc's part of such a process can fail it, and cannot clear it.
Memory::Opinion Memory::by_collected_heap() const {
  if (of_sites_.verdict == Verdict::fail) return {"sites", of_sites_};
  if (of_aged_.verdict == Verdict::fail) return {"heap_aged", of_aged_};
  if (of_chunks_.verdict == Verdict::fail) return {"chunks", of_chunks_};
  return {"rss", of_rss_};
}

// A fail stands, a pass stands until something fails; both keep the numbers they rest on.
void Memory::settle_on(const Opinion& opinion, double now_s) {
  const Assessment& now = opinion.assessment;
  const bool news = now.verdict == Verdict::fail ? verdict_.verdict != Verdict::fail : !verdict_.decided_at_s;
  if (!news) return;
  verdict_.signal = opinion.signal;
  verdict_.verdict = now.verdict;
  verdict_.reason = now.reason;
  if (now.verdict == Verdict::fail && now_s >= settings_.settle_s) verdict_.settle_s = settings_.settle_s;
  if (!std::isnan(now.estimate.drift)) {
    verdict_.drift_per_day = now.estimate.drift;
    verdict_.low = now.estimate.low;
    verdict_.high = now.estimate.high;
    verdict_.smallest_found_per_day = now.smallest_found_per_day;
  }
  if (now.verdict != Verdict::inconclusive) verdict_.decided_at_s = now_s;
}

void Memory::conclude(const Recording& recording, const Disturbances& disturbed, double end_s) {
  decide_at_the_end(end_s, disturbed);
  describe(recording, end_s);
}

// By the column that decided; what the classes of a pass hold is nothing to look at.
void Memory::describe(const Recording& recording, double end_s) {
  GrowthCurve curve;
  if (verdict_.signal == "heap_aged" || verdict_.signal == "sites")
    curve.points = aged_.curve(end_s);
  else if (verdict_.signal == "chunks" && verdict_.verdict == Verdict::fail)
    curve.points = chunks_.steady_curve(walks_until(recording, end_s));
  else
    curve.points = rss_.curve(end_s);
  if (curve.points.empty()) return;
  curve.operations = operations_at(curve.points, recording);
  const double limit_per_s = settings_.memory.fail * settings_.compression / 86'400;
  const double tolerated_per_s = settings_.memory.tolerate * settings_.compression / 86'400;
  curve.least_tooth = least_rise_pages * settings_.page_bytes;
  curve.least_rise =
      std::max(curve.least_tooth, least_rise * limit_per_s * (end_s - curve.points.front().time_s));
  curve.slow_per_s = std::max(slow * tolerated_per_s, 1e-9);
  verdict_.parts = growth_parts(curve.points, curve.operations, settings_);
  const auto form = form_of(curve);
  if (!form) return;
  verdict_.shape = form->shape;
  // The heap as a whole may be flat beside a sawtooth; what failed is what keeps coming.
  if (verdict_.signal == "sites" && verdict_.verdict == Verdict::fail && form->shape != Shape::accelerating &&
      form->shape != Shape::per_operation)
    verdict_.shape = Shape::linear;
  // A curve says when it will be full as far as it was seen to bend.
  if (verdict_.verdict == Verdict::inconclusive && form->full_s &&
      *form->full_s<2 * end_s&& * form->full_s> full_by * settings_.warmup_s)
    verdict_.reason +=
        fmt::format("{}warming up, needs a warm-up {:.1f} times as long", verdict_.reason.empty() ? "" : "; ",
                    *form->full_s / full_by / settings_.warmup_s);
}

// A leak that began after a pass could hide there; null where it could not.
const char* Memory::why_unseen_since(double since_s, double end_s, const Disturbances& disturbed) const {
  const double most_s = most_unseen * (end_s - since_s);
  if (gaps_.within(since_s, end_s) > most_s)
    return "passed at first, but samples are missing since: a leak that began later could hide";
  if (verdict_.signal == std::string_view("sites") &&
      end_s - sites_.last_counts_s() > std::max(most_s, 2 * settings_.age_s))
    return "passed at first, but counts by allocation site are missing since";
  if (end_s - since_s > plan_.minute_s && disturbed.hide(since_s, end_s))
    return "passed at first, but faults cover too much of the time since";
  return nullptr;
}

void Memory::decide_at_the_end(double end_s, const Disturbances& disturbed) {
  if (verdict_.verdict == Verdict::pass) {
    if (const char* why = why_unseen_since(*verdict_.decided_at_s, end_s, disturbed)) {
      verdict_.verdict = Verdict::inconclusive;
      verdict_.reason = why;
      verdict_.decided_at_s.reset();
    }
    return;
  }
  if (verdict_.decided_at_s) return;
  const bool seen = rss_.seen(end_s) || aged_.seen() || walked_;
  const bool hidden = disturbed.hide(0, end_s);
  verdict_.verdict = seen || hidden || settings_.memory.asked ? Verdict::inconclusive : Verdict::not_judged;
  if (!seen && hidden)
    verdict_.reason = "faults cover all samples of rss_bytes";
  else if (!seen)
    verdict_.reason = "no samples of rss_bytes";
  else if (verdict_.reason.empty())
    verdict_.reason = "ended before the first look";
  else if (!shows_what_settled(shortest_window_minutes * plan_.minute_s, end_s, settings_))
    verdict_.reason = "ended before settle or too soon after it";
}

}  // namespace soakline
