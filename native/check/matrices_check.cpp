// Fragments by the tables of PTX's manual ("Matrix Fragments for mma.m16n8k8", "for mma.m16n8k16 with floating point
// type", ldmatrix), written here once more: a lane's elements are numbered as there.
#include "check/matrices_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "check/emulator_check.h"
#include "common/async_copy.cuh"
#include "common/mma.cuh"

namespace alexnet::check {
namespace {

constexpr int kWarps = kThreads / 32;

// ---- products -------------------------------------------------------------------------------------------------------

// y[16][8] = c[16][8] + a[16][8] * b[8][8], of each warp its own. `shift` is a planted fault: a row of a too far down.
__global__ void matrix_product(const float* a, const float* b, const float* c, float* y, int shift) {
  const int warp = int(threadIdx.x) / 32, g = int(threadIdx.x) % 32 / 4, t = int(threadIdx.x) % 4;
  a += warp * 128, b += warp * 64, c += warp * 128, y += warp * 128;
  uint32_t of_a[4], of_b[2];
  float sums[4];
  for (int i = 0; i < 4; ++i) {
    of_a[i] = to_tf32(a[(g + i % 2 * 8 + shift) % 16 * 8 + t + i / 2 * 4]);
    sums[i] = c[(g + i / 2 * 8) * 8 + 2 * t + i % 2];
  }
  for (int i = 0; i < 2; ++i) of_b[i] = to_tf32(b[(t + 4 * i) * 8 + g]);
  mma_tf32(sums, of_a, of_b);
  for (int i = 0; i < 4; ++i) y[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = sums[i];
}

__device__ uint32_t pair(float first, float second) { return Bf16(first).bits | uint32_t(Bf16(second).bits) << 16; }

// The same in bf16: y[16][8] = c[16][8] + a[16][16] * b[16][8].
__global__ void matrix_product_bf16(const float* a, const float* b, const float* c, float* y, int shift) {
  const int warp = int(threadIdx.x) / 32, g = int(threadIdx.x) % 32 / 4, t = int(threadIdx.x) % 4;
  a += warp * 256, b += warp * 128, c += warp * 128, y += warp * 128;
  // Elements a0 to a7, b0 to b3, c0 to c3.
  const auto of_a = [&](int i) {
    const int row = i < 2 || (i >= 4 && i < 6) ? g : g + 8;
    return a[(row + shift) % 16 * 16 + t * 2 + (i & 1) + (i >= 4 ? 8 : 0)];
  };
  const auto of_b = [&](int i) { return b[(t * 2 + (i & 1) + (i >= 2 ? 8 : 0)) * 8 + g]; };
  const auto place = [&](int i) { return (i < 2 ? g : g + 8) * 8 + t * 2 + (i & 1); };
  uint32_t words_a[4], words_b[2];
  float sums[4];
  for (int i = 0; i < 4; ++i) words_a[i] = pair(of_a(2 * i), of_a(2 * i + 1)), sums[i] = c[place(i)];
  for (int i = 0; i < 2; ++i) words_b[i] = pair(of_b(2 * i), of_b(2 * i + 1));
  mma_bf16(sums, words_a, words_b);
  for (int i = 0; i < 4; ++i) y[place(i)] = sums[i];
}

// Three warps' matrices, with other numbers everywhere, so that an element at another place is seen.
template <class Kernel>
void check_products(Kernel* kernel, int steps) {
  std::vector<float> a(size_t(kWarps * 16 * steps)), b(size_t(kWarps * 8 * steps)), c(kWarps * 128), y(kWarps * 128);
  for (size_t i = 0; i < a.size(); ++i) a[i] = float(i * 37 % 101) - 50;
  for (size_t i = 0; i < b.size(); ++i) b[i] = float(i * 53 % 97) - 48;
  for (size_t i = 0; i < c.size(); ++i) c[i] = float(i * 29 % 83) - 41;
  const auto wrong = [&] {
    int count = 0;
    for (int warp = 0; warp < kWarps; ++warp) {
      const float* const of_a = a.data() + warp * 16 * steps;
      const float* const of_b = b.data() + warp * 8 * steps;
      for (int i = 0; i < 128; ++i) {
        float sum = c[size_t(warp * 128 + i)];
        for (int k = 0; k < steps; ++k) sum += of_a[i / 8 * steps + k] * of_b[k * 8 + i % 8];
        count += y[size_t(warp * 128 + i)] != sum;
      }
    }
    return count;
  };
  under_every_schedule([&] {
    std::fill(y.begin(), y.end(), -1.f);
    EXPECT_OK(launch(kernel, 1, kThreads, 0, Stream{}, a.data(), b.data(), c.data(), y.data(), 0));
    EXPECT(wrong() == 0);
  });
  EXPECT_OK(launch(kernel, 1, kThreads, 0, Stream{}, a.data(), b.data(), c.data(), y.data(), 1));
  EXPECT(wrong() > 300);
}

// What a factor loses: 1 + 2^-11 is one of two equally near numbers of tf32, and becomes the larger.
void check_rounding() {
  const std::vector<float> a(kWarps * 128, 1 + 0x1p-11f), b(kWarps * 64, 1.f), c(kWarps * 128, 0.f);
  std::vector<float> y(kWarps * 128);
  EXPECT_OK(launch(matrix_product, 1, kThreads, 0, Stream{}, a.data(), b.data(), c.data(), y.data(), 0));
  EXPECT(y[0] == 8 * (1 + 0x1p-10f) && y[127] == y[0]);
}

// The NaN that a GPU makes has bits that no tf32 number has: as a factor it is a NaN all the same, not a fault.
void check_nan() {
  std::vector<float> a(kWarps * 128, 1.f), b(kWarps * 64, 1.f), c(kWarps * 128, 0.f), y(kWarps * 128);
  for (const uint32_t bits : {0x7fffffffu, 0xffffffffu, 0x7f800001u}) {
    std::memcpy(a.data(), &bits, sizeof bits);
    EXPECT_OK(launch(matrix_product, 1, kThreads, 0, Stream{}, a.data(), b.data(), c.data(), y.data(), 0));
    EXPECT(std::isnan(y[0]) && std::isnan(y[7]) && y[8] == 8);
  }
}

// Products of bf16 are exact, sums of them float32: (1 + 2^-7)^2 has 15 bits, and 2^-14 remains beside 2^9.
void check_exactness() {
  const float x = 1 + 0x1p-7f;
  const std::vector<float> a(kWarps * 256, x), c(kWarps * 128, 512.f);
  std::vector<float> b(kWarps * 128, 0.f), y(kWarps * 128);
  for (size_t i = 0; i < 8; ++i) b[i] = x;  // of k = 0
  EXPECT_OK(launch(matrix_product_bf16, 1, kThreads, 0, Stream{}, a.data(), b.data(), c.data(), y.data(), 0));
  EXPECT(y[0] == 512 + x * x && y[0] != 513 && y[127] == y[0]);
}

// ---- matrices from shared memory ------------------------------------------------------------------------------------

constexpr int kLine = 24;  // values from one row of a matrix to the next: 16 bytes more than a row of two matrices

// Of each warp 16 rows of 16 values with their numbers; a lane then says which four pairs it holds.
template <bool kTransposed>
__device__ void four_matrices(int* out) {
  __shared__ SharedArray<Bf16, kWarps * 16 * kLine> rows;
  const int thread = int(threadIdx.x), warp = thread / 32, lane = thread % 32;
  for (int i = lane; i < 256; i += 32) rows[warp * 16 * kLine + i / 16 * kLine + i % 16] = Bf16(float(i));
  __syncwarp();
  // Matrices 0 and 1 above each other, 2 and 3 beside them.
  uint32_t pairs[1][4];
  load_matrices<1, kTransposed>(pairs, rows + (warp * 16 * kLine + lane % 16 * kLine + lane / 16 * 8), 0);
  for (int j = 0; j < 4; ++j) {
    out[thread * 8 + 2 * j] = int(Bf16::of(uint16_t(pairs[0][j])));
    out[thread * 8 + 2 * j + 1] = int(Bf16::of(uint16_t(pairs[0][j] >> 16)));
  }
}
__global__ void matrices(int* out) { four_matrices<false>(out); }
__global__ void matrices_transposed(int* out) { four_matrices<true>(out); }

// Twice four matrices at once, the second ones a row further on.
__global__ void matrices_twice(int* out) {
  __shared__ SharedArray<Bf16, 9 * 8> rows;
  const int lane = int(threadIdx.x);
  for (int i = lane; i < 72; i += 32) rows[i] = Bf16(float(i));
  __syncthreads();
  uint32_t pairs[2][4];
  load_matrices<2, false>(pairs, rows + lane % 8 * 8, 8);
  for (int i = 0; i < 2; ++i) out[lane * 2 + i] = int(Bf16::of(uint16_t(pairs[i][3])));
}

void check_loads() {
  std::vector<int> plain(kThreads * 8), transposed(kThreads * 8), twice(64);
  under_every_schedule([&] {
    EXPECT_OK(launch(matrices, 1, kThreads, 0, Stream{}, plain.data()));
    EXPECT_OK(launch(matrices_transposed, 1, kThreads, 0, Stream{}, transposed.data()));
    EXPECT_OK(launch(matrices_twice, 1, 32, 0, Stream{}, twice.data()));
    int wrong = 0;
    for (int thread = 0; thread < kThreads; ++thread) {
      for (int j = 0; j < 4; ++j) {
        for (int i = 0; i < 2; ++i) {
          // The manual's row and column of element i of matrix j.
          const int row = thread % 32 / 4, column = thread % 4 * 2 + i, first = j % 2 * 8 * 16 + j / 2 * 8;
          wrong += plain[size_t(thread * 8 + 2 * j + i)] != first + row * 16 + column;
          wrong += transposed[size_t(thread * 8 + 2 * j + i)] != first + column * 16 + row;
        }
      }
    }
    EXPECT(wrong == 0);
    EXPECT(twice[0] == 0 && twice[1] == 8 && twice[62] == 62 && twice[63] == 70);
  });
}

// ---- planted faults -------------------------------------------------------------------------------------------------

__global__ void mma_of_unrounded(float* y) {
  const uint32_t a[4] = {0x3f800000u, 0, threadIdx.x == 5 ? 0x3f800001u : 0x3f802000u, 0}, b[2] = {0, 0};
  float sums[4] = {};
  mma_tf32(sums, a, b);  // FAULT mma_of_unrounded
  y[threadIdx.x] = sums[0];
}

__global__ void mma_of_others(float* y) {
  const uint32_t a[2][4] = {}, b[1][2] = {};
  float sums[2][1][4] = {};
  if (threadIdx.x == 9) {
    mma_tf32<1, 1>(sums, a, b);
  } else {
    mma_tf32<2, 1>(sums, a, b);  // FAULT mma_of_others
  }
  y[0] = sums[0][0][0];
}

__global__ void mma_of_some(float* y) {
  const uint32_t a[4] = {}, b[2] = {};
  float sums[4] = {};
  if (threadIdx.x != 9) mma_tf32(sums, a, b);  // FAULT mma_of_some
  y[threadIdx.x] = sums[0];
}

// Fills `rows` and gives where the lane's row begins.
__device__ SharedPtr<const Bf16> filled(SharedPtr<Bf16> rows) {
  const int thread = int(threadIdx.x);
  for (int i = 0; i < 8; ++i) rows[8 * thread + i] = Bf16(1.f);
  return SharedPtr<const Bf16>(rows + 8 * thread);
}

__global__ void load_misaligned(float* y) {
  __shared__ SharedArray<Bf16, 8 * kThreads + 8> rows;
  const SharedPtr<const Bf16> row = filled(rows);
  __syncthreads();
  uint32_t pairs[1][4];
  load_matrices<1, false>(pairs, row + (threadIdx.x == 37 ? -4 : 0), 0);  // FAULT load_misaligned
  y[threadIdx.x] = float(pairs[0][0]);
}

__global__ void load_outside(float* y) {
  __shared__ SharedArray<Bf16, 8 * kThreads> rows;
  const SharedPtr<const Bf16> row = filled(rows);
  __syncthreads();
  uint32_t pairs[2][4];
  load_matrices<2, true>(pairs, row, 8);  // FAULT load_outside
  y[threadIdx.x] = float(pairs[1][0]);
}

__global__ void load_too_early(float* y) {
  __shared__ SharedArray<Bf16, 8 * kThreads> rows;
  filled(rows);
  uint32_t pairs[1][4];
  load_matrices<1, false>(pairs, rows + 8 * (kThreads - 1 - int(threadIdx.x)), 0);  // FAULT load_too_early
  y[threadIdx.x] = float(pairs[0][0]);
}

// A row may be written over when the lane that brought it has met the writer again.
__global__ void load_written_over(float* y) {
  __shared__ SharedArray<Bf16, 8 * kThreads> rows;
  const SharedPtr<const Bf16> row = filled(rows);
  __syncthreads();
  uint32_t pairs[1][4];
  load_matrices<1, false>(pairs, row, 0);                   // FAULT load_written_over
  rows[8 * (kThreads - 1 - int(threadIdx.x))] = Bf16(2.f);  // FAULT load_written_over
  y[threadIdx.x] = float(pairs[0][0]);
}

__global__ void load_of_copy(const float* x, float* y) {
  ALEXNET_SHARED_DYNAMIC(float, rows);
  async_copy<16>(rows + 4 * int(threadIdx.x), x + 4 * threadIdx.x);
  async_commit();
  __syncthreads();
  uint32_t pairs[1][4];
  load_matrices<1, false>(pairs, shared_as<const Bf16>(rows + 4 * int(threadIdx.x)), 0);  // FAULT load_of_copy
  y[threadIdx.x] = float(pairs[0][0]);
}

__global__ void load_by_some(float* y) {
  __shared__ SharedArray<Bf16, 8 * kThreads> rows;
  const SharedPtr<const Bf16> row = filled(rows);
  __syncthreads();
  uint32_t pairs[1][4] = {};
  if (threadIdx.x != 9) load_matrices<1, false>(pairs, row, 0);  // FAULT load_by_some
  y[threadIdx.x] = float(pairs[0][0]);
}

__global__ void load_of_others(float* y) {
  __shared__ SharedArray<Bf16, 8 * kThreads> rows;
  const SharedPtr<const Bf16> row = filled(rows);
  __syncthreads();
  uint32_t pairs[1][4];
  if (threadIdx.x == 9) {
    load_matrices<1, true>(pairs, row, 0);
  } else {
    load_matrices<1, false>(pairs, row, 0);  // FAULT load_of_others
  }
  y[threadIdx.x] = float(pairs[0][0]);
}

// One lane multiplies while the others load.
__global__ void load_against_product(float* y) {
  __shared__ SharedArray<Bf16, 8 * kThreads> rows;
  const SharedPtr<const Bf16> row = filled(rows);
  __syncthreads();
  uint32_t pairs[1][4] = {};
  float sums[4] = {};
  const uint32_t b[2] = {};
  if (threadIdx.x % 32 == 31) {
    mma_bf16(sums, pairs[0], b);  // FAULT load_against_product
  } else {
    load_matrices<1, false>(pairs, row, 0);  // FAULT load_against_product
  }
  y[threadIdx.x] = sums[0];
}

__global__ void mma_of_both(float* y) {
  const uint32_t a[4] = {}, b[2] = {};
  float sums[4] = {};
  if (threadIdx.x == 9) {
    mma_tf32(sums, a, b);
  } else {
    mma_bf16(sums, a, b);  // FAULT mma_of_both
  }
  y[0] = sums[0];
}

void check_faults() {
  std::vector<float> memory(size_t(8 * kThreads));
  float* const y = memory.data();
  const float* const x = memory.data() + 4 * kThreads;
  expect_fault("mma_of_unrounded", {"mma: a[2] of thread (5,0,0) is 3f800001", "to_tf32"}, mma_of_unrounded, 0, y);
  expect_fault("mma_of_others", {"mma: thread (9,0,0) multiplies other matrices than thread (0,0,0)"}, mma_of_others, 0,
               y);
  expect_fault("mma_of_some", {"mma: it takes all 32 lanes of a warp; 31 take part"}, mma_of_some, 0, y);
  expect_fault("mma_of_both", {"mma: thread (9,0,0) multiplies other matrices than thread (0,0,0)"}, mma_of_both, 0, y);
  expect_fault("load_misaligned", {"thread (37,0,0)", "access of 16 bytes at byte 584 is not aligned"}, load_misaligned,
               0, y);
  expect_fault("load_outside", {"thread (95,0,0)", "bytes 1536 to 1551 of an array of 1536"}, load_outside, 0, y);
  expect_fault("load_too_early", {"shared memory"}, load_too_early, 0, y);
  expect_fault("load_written_over", {"race", "no barrier"}, load_written_over, 0, y);
  expect_fault("load_of_copy", {"asynchronous copy", "not waited"}, load_of_copy, 16 * kThreads, x, y);
  expect_fault("load_by_some", {"ldmatrix: it takes all 32 lanes of a warp; 31 take part"}, load_by_some, 0, y);
  expect_fault("load_of_others", {"ldmatrix: thread (9,0,0) loads other matrices than thread (0,0,0)"}, load_of_others,
               0, y);
  expect_fault("load_against_product", {"warp operation", "waits at a different one"}, load_against_product, 0, y);
}

}  // namespace

void check_matrices() {
  check_products(matrix_product, 8);
  check_rounding();
  check_nan();
  check_products(matrix_product_bf16, 16);
  check_exactness();
  check_loads();
  check_faults();
}

}  // namespace alexnet::check
