#include "emulator/shared.h"

#include <algorithm>

#include "emulator/machine.h"

namespace alexnet::emulator {

namespace {

std::string by(const Machine& m, unsigned thread, int line) {
  return format_text("thread %s at line %d", m.thread_text(thread).c_str(), line);
}

// Whether the cell's last write is neither the current thread's nor ordered before it.
bool unordered_write(const Machine& m, const Cell& cell) {
  return cell.write_epoch == m.epoch() && cell.write_thread != m.thread() &&
         !m.ordered(cell.write_thread, cell.write_meetings);
}

// The same for the reads. Of the threads that read, the text names the last.
bool unordered_read(const Machine& m, const Cell& cell) {
  if (cell.read_epoch != m.epoch()) return false;
  const unsigned me = unsigned(m.thread());
  if ((cell.read_warps & ~(1u << (me / 32))) != 0) return true;
  for (uint32_t rest = cell.read_lanes & ~(1u << (me % 32)); rest != 0; rest &= rest - 1) {
    if (!m.ordered(me / 32 * 32 + unsigned(__builtin_ctz(rest)), cell.read_meetings)) return true;
  }
  return false;
}

void fail_race(Machine& m, const Cell& cell, const char* what, bool with_read, Site site) {
  const std::string other =
      with_read ? by(m, cell.read_thread, cell.read_line) : by(m, cell.write_thread, cell.write_line);
  m.fail(site, format_text("race in shared memory: %s here, %s by %s, and no barrier between them", what,
                           with_read ? "read" : "written", other.c_str()));
}

void note_read(Machine& m, Cell& cell, Site site) {
  if (cell.write_epoch < m.block_epoch())
    m.fail(site, "read of shared memory that nobody in this block has written yet");
  if (cell.in_flight) {
    m.fail(site, format_text("read of shared memory that an asynchronous copy may still be writing: issued by %s, and "
                             "its thread has not waited for it",
                             by(m, cell.write_thread, cell.write_line).c_str()));
  }
  if (unordered_write(m, cell)) fail_race(m, cell, "read", false, site);
  const unsigned me = unsigned(m.thread());
  const uint32_t meetings = m.meetings();
  if (cell.read_epoch != m.epoch()) cell.read_warps = cell.read_lanes = 0;
  if (cell.read_thread / 32 != me / 32 || cell.read_meetings != meetings) cell.read_lanes = 0;
  cell.read_epoch = m.epoch();
  cell.read_meetings = meetings;
  cell.read_warps |= 1u << (me / 32);
  cell.read_lanes |= 1u << (me % 32);
  cell.read_thread = uint16_t(me);
  cell.read_line = site.line;
}

void note_write(Machine& m, Cell& cell, Site site) {
  if (cell.in_flight && cell.write_epoch >= m.block_epoch()) {
    m.fail(site, format_text("write to shared memory that an asynchronous copy may still be writing: issued by %s, and "
                             "its thread has not waited for it",
                             by(m, cell.write_thread, cell.write_line).c_str()));
  }
  if (unordered_write(m, cell)) fail_race(m, cell, "written", false, site);
  if (unordered_read(m, cell)) fail_race(m, cell, "written", true, site);
  cell.in_flight = false;
  cell.write_epoch = m.epoch();
  cell.write_meetings = m.meetings();
  cell.write_thread = uint16_t(m.thread());
  cell.write_line = site.line;
}

// The cells of an access that lies in the region.
template <class Note>
char* touch(Region* region, int64_t offset, int64_t bytes, Site site, Note&& note) {
  Machine& m = machine();
  if (region == nullptr) m.fail(site, "shared memory: access through a null pointer");
  if (offset < 0 || offset + bytes > region->bytes) {
    m.fail(site, format_text("shared memory: access to bytes %lld to %lld of an array of %lld",
                             static_cast<long long>(offset), static_cast<long long>(offset + bytes - 1),
                             static_cast<long long>(region->bytes)));
  }
  if ((bytes & (bytes - 1)) == 0 && offset % std::min<int64_t>(bytes, 16) != 0) {
    m.fail(site, format_text("shared memory: access of %lld bytes at byte %lld is not aligned",
                             static_cast<long long>(bytes), static_cast<long long>(offset)));
  }
  if (m.settings.check_shared) {
    const int64_t first = offset / region->cell_bytes, last = (offset + bytes - 1) / region->cell_bytes;
    for (int64_t i = first; i <= last; ++i) note(m, region->cells[size_t(i)]);
  }
  return region->base + offset;
}

void copy_now(AsyncCopy& copy) {
  if (copy.done) return;
  copy.done = true;
  char* to = copy.region->base + copy.offset;
  if (copy.from != nullptr) {
    std::memcpy(to, copy.from, size_t(copy.bytes));
  } else {
    std::memset(to, 0, size_t(copy.bytes));
  }
}

// The thread has waited for the copy: from here on it is a write of this thread like any other.
void complete(Machine& m, AsyncCopy& copy) {
  copy_now(copy);
  if (!m.settings.check_shared) return;
  const int64_t first = copy.offset / copy.region->cell_bytes;
  const int64_t last = (copy.offset + copy.bytes - 1) / copy.region->cell_bytes;
  for (int64_t i = first; i <= last; ++i) {
    Cell& cell = copy.region->cells[size_t(i)];
    cell.in_flight = false;
    cell.write_epoch = m.epoch();
    cell.write_meetings = m.meetings();
  }
}

}  // namespace

void Region::reset(char* to, int64_t count_bytes, int element_bytes) {
  base = to;
  bytes = count_bytes;
  cell_bytes = std::min(element_bytes, 4);
  cells.resize(size_t((bytes + cell_bytes - 1) / cell_bytes));
}

void Region::refine(int element_bytes) {
  if (element_bytes < cell_bytes) reset(base, bytes, element_bytes);
}

char* touch_read(Region* region, int64_t offset, int64_t bytes, Site site) {
  return touch(region, offset, bytes, site, [&](Machine& m, Cell& cell) { note_read(m, cell, site); });
}

char* touch_write(Region* region, int64_t offset, int64_t bytes, Site site) {
  return touch(region, offset, bytes, site, [&](Machine& m, Cell& cell) { note_write(m, cell, site); });
}

void load_matrices(Region* region, int64_t offset, int64_t step, int count, bool transposed, uint32_t* to, Site site) {
  unsigned char rows[kMostMatrixLoads][16];
  if (count > kMostMatrixLoads) machine().fail(site, format_text("ldmatrix: %d at once", count));
  for (int i = 0; i < count; ++i) std::memcpy(rows[i], touch_read(region, offset + i * step, 16, site), 16);
  load_matrices({to, rows[0], count, transposed}, site);
}

void fail_index(int64_t index, int64_t count, Site site) {
  machine().fail(site, format_text("shared memory: index %lld of an extent of %lld", static_cast<long long>(index),
                                   static_cast<long long>(count)));
}

Region* region_of(void* base, int64_t bytes, int element_bytes) {
  return machine().static_region(static_cast<char*>(base), bytes, element_bytes);
}

Region* dynamic_region(int element_bytes) { return machine().dynamic_region(element_bytes); }

void async_copy(Region* region, int64_t offset, const void* from, int64_t bytes, Site site) {
  Machine& m = machine();
  ++m.counters.copies;
  if (reinterpret_cast<uintptr_t>(from) % uintptr_t(bytes) != 0) {
    m.fail(site, format_text("asynchronous copy of %lld bytes from an address that is not aligned to them",
                             static_cast<long long>(bytes)));
  }
  touch(region, offset, bytes, site, [&](Machine& machine_, Cell& cell) {
    note_write(machine_, cell, site);
    cell.in_flight = true;
  });
  AsyncCopy copy = {region, offset, bytes, from, false};
  const Copies when = m.settings.copies;
  if (when == Copies::kEarly || (when == Copies::kRandom && (m.random() & 1) != 0)) copy_now(copy);
  m.copies().open.push_back(copy);
}

void async_commit() {
  AsyncCopies& copies = machine().copies();
  copies.groups.push_back(std::move(copies.open));
  copies.open.clear();
}

void async_wait(int groups_left) {
  Machine& m = machine();
  AsyncCopies& copies = m.copies();
  while (int64_t(copies.groups.size()) > groups_left) {
    for (AsyncCopy& copy : copies.groups.front()) complete(m, copy);
    copies.groups.pop_front();
  }
}

}  // namespace alexnet::emulator
