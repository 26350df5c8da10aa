#include "emulator/shared.h"

#include "emulator/machine.h"

namespace alexnet::emulator {

namespace {
char* inside(Region* region, int64_t offset, int64_t bytes, Site site) {
  if (offset < 0 || offset + bytes > region->bytes) {
    machine().fail(site, format_text("shared memory: access to bytes [%lld, %lld) of an array of %lld",
                                     static_cast<long long>(offset), static_cast<long long>(offset + bytes),
                                     static_cast<long long>(region->bytes)));
  }
  return region->base + offset;
}
}  // namespace

char* touch_read(Region* region, int64_t offset, int64_t bytes, Site site) {
  return inside(region, offset, bytes, site);
}

char* touch_write(Region* region, int64_t offset, int64_t bytes, Site site) {
  return inside(region, offset, bytes, site);
}

void fail_index(int64_t index, int64_t count, Site site) {
  machine().fail(site, format_text("shared memory: index %lld of an extent of %lld", static_cast<long long>(index),
                                   static_cast<long long>(count)));
}

Region* region_of(void* base, int64_t bytes) { return machine().static_region(static_cast<char*>(base), bytes); }
Region* dynamic_region() { return machine().dynamic_region(); }

}  // namespace alexnet::emulator
