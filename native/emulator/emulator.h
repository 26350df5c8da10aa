// The emulator as kernels see it: run a grid, meet at barriers, exchange values within a warp.
//
// The blocks of a launch are divided among the threads of its device: contiguous pieces of the order in which one
// thread would run them all. Blocks do not depend on each other, so what comes out is the same for any number of
// threads; so are the fault that is reported, of the first block in that order that has one, and what is drawn at
// random.
//
// One OS thread runs one block at a time. A CUDA thread is a plain call of the kernel until it waits for the first
// time; then it keeps its stack (a fiber) and another stack goes on with the threads that have not started. A kernel
// that never waits therefore costs one call per thread.
//
// What a kernel does wrong (see Fault in machine.h) ends the launch with ALEXNET_INTERNAL and a text that names kernel,
// block, thread and source line; the process goes on.
#ifndef ALEXNET_EMULATOR_EMULATOR_H
#define ALEXNET_EMULATOR_EMULATOR_H

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/cores.h"
#include "common/status.h"
#include "emulator/cuda_names.h"

namespace alexnet::emulator {

// In which order runnable warps go on. All warps advance together in none of them: a race shows when one warp runs far
// ahead of another. kRandom draws warp priorities for each block and again at each barrier, from the seed and the
// block's number.
enum class Schedule { kOrdered, kReverse, kRandom };

// When an asynchronous copy happens: at the wait for it (the latest legal moment), at once, or drawn for each copy.
enum class Copies { kLate, kEarly, kRandom };

struct Settings {
  Schedule schedule = Schedule::kOrdered;
  Copies copies = Copies::kLate;
  uint64_t seed = 1;
  bool check_shared = true;  // shadow memory: races, unwritten reads
};

// Of the launches by the calling OS thread. The first use reads ALEXNET_EMU_SCHEDULE (ordered, reverse, random),
// ALEXNET_EMU_COPIES (late, early, random), ALEXNET_EMU_SEED and ALEXNET_EMU_CHECK (0 or 1).
Settings& settings();

// What the launches by the calling OS thread did since the last reset.
struct Counters {
  uint64_t threads = 0;      // run
  uint64_t barriers = 0;     // arrivals at them
  uint64_t collectives = 0;  // arrivals
  uint64_t copies = 0;       // asynchronous ones

  void add(const Counters& other) {
    threads += other.threads;
    barriers += other.barriers;
    collectives += other.collectives;
    copies += other.copies;
  }
};
Counters& counters();

// Where in a kernel's source something happened.
struct Site {
  const char* file;
  int line;
};

struct Grid {
  dim3 blocks;
  dim3 threads;
  size_t shared_bytes;
  void* kernel;                   // its address, for the name in a fault's text
  void (*thread)(void* context);  // runs the kernel for the current thread
  void* context;
};

Status run_grid(const Grid& grid, const Cores& cores);

// The kernel that the calling OS thread runs; null outside of one.
void* running_kernel();

void barrier(Site site);

// What the lanes of a warp do together; each lane passes a value and receives one.
enum class Collective : uint8_t { kSync, kShuffle, kBallot, kMatrix, kMatrixLoad };
uint64_t meet(Collective kind, uint32_t mask, uint64_t value, int source_lane, Site site);

// mma.sync: what a lane holds of the factors and of the sums, by the tables of PTX's manual. With g = lane / 4 and
// t = lane % 4, of m16n8k8 of tf32, a number in each word:
//   a[16][8]     a[g][t], a[g + 8][t], a[g][t + 4], a[g + 8][t + 4]
//   b[8][8]      b[t][g], b[t + 4][g]                                      rows are steps of k
//   sums[16][8]  [g][2t], [g][2t + 1], [g + 8][2t], [g + 8][2t + 1]
// and of m16n8k16 of bf16, two steps of k in each word, the first one in its lower half; sums the same:
//   a[16][16]    from a[g][2t], a[g + 8][2t], a[g][2t + 8], a[g + 8][2t + 8] on
//   b[16][8]     from b[2t][g], b[2t + 8][g] on
// of each of `rows` matrices a and `columns` matrices b, that no lane has to wait for each product of two.
enum class Factors : uint8_t { kTf32, kBf16 };
struct Fragments {
  float* sums;        // [rows][columns][4]
  const uint32_t* a;  // [rows][4]
  const uint32_t* b;  // [columns][2]
  int rows, columns;
  Factors factors;
};
// sums[i][j] += a[i] * b[j] by all lanes of a warp together. Each sum takes its products, which are exact, in ascending
// k, rounded to float32 after each: an order that tensor cores do not promise, so their bits are not these.
void multiply_matrices(const Fragments& mine, Site site);
// The arithmetic of it, by lane, all of as many matrices. The place of the first factor that is no tf32 number, or
// null; then nothing was done.
const uint32_t* multiply_fragments(const Fragments* const (&lanes)[32], int* lane);

// ldmatrix.m8n8.x4 of 16-bit numbers, `count` of them: what a lane brings and takes. A matrix has eight rows of 16
// bytes, the rows of matrix j are those that lanes 8j to 8j + 7 bring. Of each matrix a lane takes the two neighbours
// [g][2t], [g][2t + 1] of a row, or of what it is when `transposed`.
struct MatrixRows {
  uint32_t* to;                // [count][4]
  const unsigned char* bytes;  // [count][16], the lane's rows
  int count;
  bool transposed;
};
void load_matrices(const MatrixRows& mine, Site site);
// The dealing out of it, by lane, all of as many matrices.
void deal_matrices(const MatrixRows* const (&lanes)[32]);

int lane();

template <class T>
T shuffle(uint32_t mask, T value, int source_lane, Site site) {
  static_assert(sizeof(T) <= sizeof(uint64_t), "a shuffle moves at most 8 bytes");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = meet(Collective::kShuffle, mask, bits, source_lane, site);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace alexnet::emulator

// The line of the call is found by a default argument, so that these stay functions.
#define ALEXNET_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncthreads(ALEXNET_SITE) { alexnet::emulator::barrier({file, line}); }

inline void __syncwarp(uint32_t mask = 0xffffffffu, ALEXNET_SITE) {
  alexnet::emulator::meet(alexnet::emulator::Collective::kSync, mask, 0, 0, {file, line});
}

template <class T>
inline T __shfl_sync(uint32_t mask, T value, int source, int width = 32, ALEXNET_SITE) {
  const int first = alexnet::emulator::lane() & ~(width - 1);
  return alexnet::emulator::shuffle(mask, value, first + (source & (width - 1)), {file, line});
}

template <class T>
inline T __shfl_xor_sync(uint32_t mask, T value, int bits, int width = 32, ALEXNET_SITE) {
  const int lane = alexnet::emulator::lane(), source = lane ^ bits;
  return alexnet::emulator::shuffle(mask, value, source <= (lane | (width - 1)) ? source : lane, {file, line});
}

template <class T>
inline T __shfl_down_sync(uint32_t mask, T value, unsigned delta, int width = 32, ALEXNET_SITE) {
  const int lane = alexnet::emulator::lane(), source = lane + int(delta);
  return alexnet::emulator::shuffle(mask, value, source <= (lane | (width - 1)) ? source : lane, {file, line});
}

template <class T>
inline T __shfl_up_sync(uint32_t mask, T value, unsigned delta, int width = 32, ALEXNET_SITE) {
  const int lane = alexnet::emulator::lane(), source = lane - int(delta);
  return alexnet::emulator::shuffle(mask, value, source >= (lane & ~(width - 1)) ? source : lane, {file, line});
}

inline unsigned __ballot_sync(uint32_t mask, int predicate, ALEXNET_SITE) {
  const uint64_t bit = predicate != 0;
  return unsigned(alexnet::emulator::meet(alexnet::emulator::Collective::kBallot, mask, bit, 0, {file, line}));
}
inline int __any_sync(uint32_t mask, int predicate, ALEXNET_SITE) {
  return __ballot_sync(mask, predicate, file, line) != 0;
}
inline int __all_sync(uint32_t mask, int predicate, ALEXNET_SITE) {
  return __ballot_sync(mask, !predicate, file, line) == 0;
}

inline void __threadfence_block() {}
inline void __threadfence() {}

#endif  // ALEXNET_EMULATOR_EMULATOR_H
