// Where threads wait for each other: the block's barrier, and what the lanes of a warp do together.
#include <cstring>
#include <utility>

#include "emulator/machine.h"

namespace alexnet::emulator {

void Machine::barrier(Site site) {
  ++counters.barriers;
  if (at_barrier_ == 0) {
    barrier_site_ = site;
    barrier_thread_ = current_;
  } else if (site.line != barrier_site_.line ||
             (site.file != barrier_site_.file && std::strcmp(site.file, barrier_site_.file) != 0)) {
    fail(site, format_text("divergent barrier: thread %s waits at another one, %s:%d",
                           thread_text(barrier_thread_).c_str(), source_name(barrier_site_.file), barrier_site_.line));
  }
  if (++at_barrier_ < threads_.size()) return pause(Waiting::kBarrier, site);
  at_barrier_ = 0;
  ++epoch_;
  for (unsigned i = 0; i < threads_.size(); ++i) release(i);
  draw_order();
  go_on();
}

uint64_t Machine::meet(Collective kind, uint32_t mask, uint64_t value, int source_lane, Site site) {
  Thread& me = threads_[current_];
  Warp& warp = warps_[current_ / 32];
  const unsigned first = current_ / 32 * 32;
  if ((mask >> (current_ % 32) & 1) == 0) {
    fail(site, format_text("warp operation: its mask %08x lacks this lane", mask));
  }
  ++counters.collectives;
  me.collective = kind;
  me.mask = mask;
  me.source = source_lane;
  me.given = value;
  const uint32_t needed = mask & warp.alive, others = needed & ~(1u << (current_ % 32));
  if ((warp.waiting & others) != others) {
    warp.waiting |= 1u << (current_ % 32);
    pause(Waiting::kWarp, site);
    return me.received;
  }
  for (uint32_t rest = others; rest != 0; rest &= rest - 1) {
    const unsigned number = first + unsigned(__builtin_ctz(rest));
    const Thread& other = threads_[number];
    if (other.collective == kind && other.mask == mask) continue;
    fail(site,
         format_text("warp operation: thread %s waits at a different one, %s:%d, mask %08x (here %08x)",
                     thread_text(number).c_str(), source_name(other.site.file), other.site.line, other.mask, mask));
  }
  me.site = site;
  complete(first, needed);
  go_on();
  return me.received;
}

void Machine::require_whole_warp(unsigned first, uint32_t mask, const char* what) {
  if (mask == 0xffffffffu) return;
  fail(threads_[first + unsigned(__builtin_ctz(mask))].site,
       format_text("%s: it takes all 32 lanes of a warp; %d take part, as the others have left or never were", what,
                   __builtin_popcount(mask)));
}

void Machine::load_matrices(unsigned first, uint32_t mask) {
  require_whole_warp(first, mask, "ldmatrix");
  const MatrixRows* lanes[32];
  for (unsigned i = 0; i < 32; ++i) {
    lanes[i] = reinterpret_cast<const MatrixRows*>(uintptr_t(threads_[first + i].given));
    if (lanes[i]->count == lanes[0]->count && lanes[i]->transposed == lanes[0]->transposed) continue;
    fail(threads_[first].site, format_text("ldmatrix: thread %s loads other matrices than thread %s",
                                           thread_text(first + i).c_str(), thread_text(first).c_str()));
  }
  deal_matrices(lanes);
}

void Machine::multiply_matrices(unsigned first, uint32_t mask) {
  require_whole_warp(first, mask, "mma");
  const Site site = threads_[first].site;
  const Fragments* lanes[32];
  for (unsigned i = 0; i < 32; ++i) {
    lanes[i] = reinterpret_cast<const Fragments*>(uintptr_t(threads_[first + i].given));
    if (lanes[i]->rows == lanes[0]->rows && lanes[i]->columns == lanes[0]->columns &&
        lanes[i]->factors == lanes[0]->factors) {
      continue;
    }
    fail(site, format_text("mma: thread %s multiplies other matrices than thread %s", thread_text(first + i).c_str(),
                           thread_text(first).c_str()));
  }
  int lane = 0;
  const uint32_t* const odd = multiply_fragments(lanes, &lane);
  if (odd == nullptr) return;
  const Fragments& of = *lanes[lane];
  const bool is_a = odd >= of.a && odd < of.a + 4 * of.rows;
  fail(site,
       format_text("mma: %c[%d] of thread %s is %08x, which is no tf32 number: to_tf32 rounds it", is_a ? 'a' : 'b',
                   int(is_a ? odd - of.a : odd - of.b), thread_text(first + unsigned(lane)).c_str(), *odd));
}

// Every lane of `mask` has come: compute what each receives, and let them go.
void Machine::complete(unsigned first, uint32_t mask) {
  const Collective kind = threads_[first + unsigned(__builtin_ctz(mask))].collective;
  if (kind == Collective::kMatrix) multiply_matrices(first, mask);
  if (kind == Collective::kMatrixLoad) load_matrices(first, mask);
  uint64_t ballot = 0;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const unsigned lane = unsigned(__builtin_ctz(rest));
    if (threads_[first + lane].given != 0) ballot |= 1ull << lane;
  }
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const unsigned lane = unsigned(__builtin_ctz(rest));
    Thread& thread = threads_[first + lane];
    if (thread.collective == Collective::kBallot) thread.received = ballot;
    if (thread.collective == Collective::kShuffle) {
      if ((mask >> thread.source & 1) == 0) {
        fail(thread.site, format_text("shuffle: thread %s reads lane %d, which takes no part or has left",
                                      thread_text(first + lane).c_str(), thread.source));
      }
      thread.received = threads_[first + unsigned(thread.source)].given;
    }
  }
  Warp& warp = warps_[first / 32];
  warp.waiting &= ~mask;
  if (threads_[current_].collective == Collective::kSync) warp.met[warp.meetings++ % kMeetings] = mask;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) release(first + unsigned(__builtin_ctz(rest)));
}

}  // namespace alexnet::emulator
