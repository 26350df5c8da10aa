// What happens when a kernel does something wrong: the text, and the end of its launch.
#include <algorithm>
#include <cstring>
#include <utility>

#include "emulator/machine.h"
#include "emulator/symbol.h"

namespace alexnet::emulator {

const char* source_name(const char* path) {
  const char* name = path;
  for (const char* top : {"kernels/", "native/"}) {
    for (const char* at = path; (at = std::strstr(at, top)) != nullptr; ++at) name = std::max(name, at);
  }
  return name;
}

namespace {
std::string text_of(uint3 v) { return format_text("(%u,%u,%u)", v.x, v.y, v.z); }
}  // namespace

void Machine::fail(Site site, std::string text) { throw Fault{std::move(text), site}; }

void Machine::record(const Fault& fault, unsigned number) {
  if (!failed_) {
    failed_ = true;
    fault_ = format_text("kernel %s, block %s, thread %s, %s:%d: %s", symbol_name(grid_->kernel).c_str(),
                         text_of(blockIdx).c_str(), thread_text(number).c_str(), source_name(fault.site.file),
                         fault.site.line, fault.text.c_str());
  }
  cancel();
}

// Nobody can go on though threads are left: somebody waits for a thread that does not come.
void Machine::stuck() {
  unsigned waits = kNone, gone = kNone, elsewhere = kNone;
  for (unsigned i = 0; i < threads_.size(); ++i) {
    if (threads_[i].waiting == Waiting::kBarrier && waits == kNone) waits = i;
    if (threads_[i].waiting == Waiting::kWarp && elsewhere == kNone) elsewhere = i;
    if ((warps_[i / 32].alive >> (i % 32) & 1) == 0 && gone == kNone) gone = i;
  }
  if (waits == kNone) std::swap(waits, elsewhere);
  std::string text = "deadlock: a warp operation waits for a lane that does not come";
  if (threads_[waits].waiting == Waiting::kBarrier) {
    text =
        elsewhere != kNone
            ? format_text("divergent barrier: thread %s waits at a warp operation, %s:%d",
                          thread_text(elsewhere).c_str(), threads_[elsewhere].site.file, threads_[elsewhere].site.line)
            : format_text("divergent barrier: thread %s has left the kernel without it", thread_text(gone).c_str());
  }
  record({text, threads_[waits].site}, waits);
}

// Every thread that has started is to unwind, the others never start.
void Machine::cancel() {
  cancelled_ = true;
  for (Warp& warp : warps_) {
    const uint32_t unborn = warp.alive & ~warp.started;
    alive_ -= unsigned(__builtin_popcount(unborn));
    warp.alive &= ~unborn;
    warp.runnable = warp.alive;
  }
  first_ = 0;
}

std::string Machine::thread_text(unsigned number) const { return text_of(indices_[number]); }

}  // namespace alexnet::emulator
