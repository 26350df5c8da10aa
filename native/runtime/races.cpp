#include "runtime/races.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace alexnet {

namespace {

// The last access of one stream to a range.
struct Seen {
  int32_t stream;
  uint64_t time;
  const char* family;
  const char* pass;
  const char* operand;
  bool writes;
};

struct Range {
  const char* begin;
  const char* end;
  std::vector<Seen> seen;  // of each stream the last read and the last write
};

struct Search {
  std::mutex mutex;
  std::vector<Clock> streams;
  std::vector<int32_t> free_numbers;
  std::vector<Range> ranges;
};

Search& state() {
  static Search* const one = new Search;  // never destroyed: threads may outlive main()
  return *one;
}

std::atomic<bool>& switched_on() {
  static std::atomic<bool> on{[] {
    const char* const text = std::getenv("ALEXNET_RACES");
    return text != nullptr && std::strcmp(text, "on") == 0;
  }()};
  return on;
}

// What the calling thread knows, because it waited.
thread_local Clock host;

uint64_t time_of(const Clock& clock, int32_t stream) {
  return size_t(stream) < clock.size() ? clock[size_t(stream)] : 0;
}

void learn(Clock* clock, const Clock& other) {
  if (clock->size() < other.size()) clock->resize(other.size());
  for (size_t i = 0; i < other.size(); ++i) (*clock)[i] = std::max((*clock)[i], other[i]);
}

// What a stream's next work comes after, and that work's own time; with the lock held.
const Clock& advance(Search& all, int32_t stream) {
  Clock& clock = all.streams[size_t(stream)];
  learn(&clock, host);
  if (clock.size() <= size_t(stream)) clock.resize(size_t(stream) + 1);
  ++clock[size_t(stream)];
  return clock;
}

Range& range_of(Search& all, const char* begin, const char* end) {
  for (Range& range : all.ranges) {
    if (range.begin == begin && range.end == end) return range;
  }
  all.ranges.push_back({begin, end, {}});
  return all.ranges.back();
}

std::string text_of(const Seen& s) {
  return format_text("%s/%s %s %s", s.family, s.pass, s.writes ? "writes" : "reads", s.operand);
}

void keep(Range* range, const Seen& now) {
  for (Seen& seen : range->seen) {
    if (seen.stream == now.stream && seen.writes == now.writes) {
      seen = now;
      return;
    }
  }
  range->seen.push_back(now);
}

}  // namespace

Status races::check_setting() {
  const char* const text = std::getenv("ALEXNET_RACES");
  ALEXNET_REQUIRE(text == nullptr || std::strcmp(text, "on") == 0 || std::strcmp(text, "off") == 0,
                  ALEXNET_BAD_ARGUMENT, "ALEXNET_RACES is '%s'; allowed are on, off", text);
  return {};
}

bool races::searched() { return switched_on().load(std::memory_order_relaxed); }

void races::search(bool on) {
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  all.ranges.clear();
  switched_on() = on;
}

int32_t races::add_stream() {
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  if (!all.free_numbers.empty()) {
    const int32_t number = all.free_numbers.back();
    all.free_numbers.pop_back();
    return number;  // with its clock: its time goes on
  }
  all.streams.emplace_back();
  return int32_t(all.streams.size()) - 1;
}

void races::remove_stream(int32_t stream) {
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  all.free_numbers.push_back(stream);
}

Status races::work(int32_t stream, const char* family, const char* pass, const std::vector<Access>& accesses) {
  if (!searched()) return {};
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  const Clock& clock = advance(all, stream);
  for (const Access& access : accesses) {
    const Seen now = {stream, time_of(clock, stream), family, pass, access.operand, access.writes};
    for (const Range& range : all.ranges) {
      if (range.begin >= access.end || access.begin >= range.end) continue;
      for (const Seen& before : range.seen) {
        const bool harmless = !access.writes && !before.writes;
        if (harmless || before.time <= time_of(clock, before.stream)) continue;
        return {ALEXNET_INTERNAL,
                "race: " + text_of(now) + " while " + text_of(before) + " on another stream, and no event orders them"};
      }
    }
    keep(&range_of(all, access.begin, access.end), now);
  }
  return {};
}

Status races::host_work(const Access& access) {
  if (!searched()) return {};
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  for (const Range& range : all.ranges) {
    if (range.begin >= access.end || access.begin >= range.end) continue;
    for (const Seen& before : range.seen) {
      const bool harmless = !access.writes && !before.writes;
      if (harmless || before.time <= time_of(host, before.stream)) continue;
      return {ALEXNET_INTERNAL,
              format_text("race: the host %s %s while %s, and it has not waited for that",
                          access.writes ? "writes" : "reads", access.operand, text_of(before).c_str())};
    }
  }
  return {};
}

void races::record(int32_t stream, Clock* event) {
  if (!searched()) return;
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  *event = advance(all, stream);
}

void races::wait(int32_t stream, const Clock& event) {
  if (!searched()) return;
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  learn(&all.streams[size_t(stream)], event);
}

void races::host_waited(int32_t stream) {
  if (!searched()) return;
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  learn(&host, all.streams[size_t(stream)]);
}

void races::host_waited(const Clock& event) {
  if (!searched()) return;
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  learn(&host, event);
}

void races::forget(const char* begin, const char* end) {
  if (!searched()) return;
  Search& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  const auto inside = [&](const Range& range) { return begin <= range.begin && range.end <= end; };
  all.ranges.erase(std::remove_if(all.ranges.begin(), all.ranges.end(), inside), all.ranges.end());
}

}  // namespace alexnet
