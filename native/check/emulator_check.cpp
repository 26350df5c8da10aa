// emulator_check: the emulator runs right kernels right, under every schedule, and finds each planted fault. Every
// fault must be reported with its kernel, block, thread and source line, and leave the emulator usable.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "check/emulator_check.h"
#include "check/matrices_check.h"
#include "common/async_copy.cuh"
#include "common/launch.cuh"
#include "common/reduce.cuh"
#include "runtime/core_pool.h"

namespace alexnet {
namespace {

using emulator::Copies;
using emulator::Schedule;

using namespace check;

constexpr unsigned kAll = 0xffffffffu;

// ---- right kernels --------------------------------------------------------------------------------------------------

__global__ void indices(int* out) {
  const int block = int(blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z));
  const int thread = int(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
  out[block * int(blockDim.x * blockDim.y * blockDim.z) + thread] = block * 1000 + thread;
}

// Reverses each block's part of x through shared memory, twice, so that a word is written again after it was read.
__global__ void reverse_twice(const float* x, float* y) {
  __shared__ SharedArray<float, kThreads> tile;
  const int t = int(threadIdx.x), i = int(blockIdx.x) * kThreads + t;
  tile[t] = x[i];
  __syncthreads();
  const float other = tile[kThreads - 1 - t];
  __syncthreads();
  tile[t] = other;
  __syncthreads();
  y[i] = tile[kThreads - 1 - t] + 1.f;
}

__global__ void warp_sums(const float* x, float* sums) {
  const float sum = warp_sum(x[threadIdx.x]);
  if (threadIdx.x % 32 == 31) sums[threadIdx.x / 32] = sum;
}

__global__ void warp_moves(int* out) {
  const int lane = int(threadIdx.x);
  out[0 * 32 + lane] = __shfl_sync(kAll, lane, 5);
  out[1 * 32 + lane] = __shfl_up_sync(kAll, lane, 3);
  out[2 * 32 + lane] = __shfl_down_sync(kAll, lane, 3, 8);
  out[3 * 32 + lane] = __shfl_xor_sync(kAll, lane, 8);
  out[4 * 32 + lane] = int(__ballot_sync(kAll, lane % 3 == 0));
  out[5 * 32 + lane] = __any_sync(kAll, lane == 7) + 2 * __all_sync(kAll, lane < 31);
  if (lane < 16) out[6 * 32 + lane] = __shfl_sync(0xffffu, lane * 10, lane ^ 1);
  if (lane >= 16) out[6 * 32 + lane] = __shfl_sync(0xffff0000u, lane * 10, lane ^ 1);
}

// A value handed on within a warp needs __syncwarp and no more; one for each half of the warp.
__global__ void within_warp(float* y) {
  ALEXNET_SHARED_DYNAMIC(float, tile);
  const int t = int(threadIdx.x);
  const unsigned half = t % 32 < 16 ? 0xffffu : 0xffff0000u;
  tile[t] = float(t);
  __syncwarp(half);
  const float other = tile[t ^ 1];
  __syncwarp(half);
  tile[t] = other * 2.f;
  y[t] = tile[t];
}

// Double buffering: while tile i is used, tile i + 1 arrives. With left_open 2 it is a planted fault: the wait is for
// the wrong group.
__global__ void pipeline(const float* x, float* y, int tiles, int left_open) {
  __shared__ SharedArray<float, 2, 4 * kThreads> buffer;
  const int t = int(threadIdx.x);
  async_copy<16>(&buffer[0][4 * t], x + 4 * t);
  async_commit();
  float sum = 0.f;
  for (int i = 0; i < tiles; ++i) {
    if (i + 1 < tiles) async_copy<16>(&buffer[(i + 1) % 2][4 * t], x + 4 * ((i + 1) * kThreads + t));
    async_commit();
    if (left_open == 1) async_wait<1>();
    if (left_open == 2) async_wait<2>();
    __syncthreads();
    sum += buffer[i % 2][(4 * t + 5) % (4 * kThreads)];  // FAULT pipeline
    __syncthreads();
  }
  y[t] = sum;
}

__global__ void vectors(float* y) {
  __shared__ SharedArray<float, 4 * kThreads> tile;
  const int t = int(threadIdx.x);
  shared_store(&tile[4 * t], make_float4(1.f, 2.f, 3.f, float(t)));
  __syncthreads();
  const SharedPtr<const float> next = &tile[4 * ((t + 1) % kThreads)];
  const float4 v = shared_load<float4>(next);
  y[t] = v.x + v.y + v.z + v.w;
}

// Each block adds one to what the block before it left, if it came before.
__global__ void chain(const int* from, int* to) { to[blockIdx.x] = blockIdx.x == 0 ? 1 : from[blockIdx.x - 1] + 1; }

// Blocks of 512 threads that wait until two of them are at work, and say where and whether they met.
__global__ void meet(std::atomic<int>* here, const void** os_threads, int* met) {
  if (threadIdx.x != 0) return;
  os_threads[blockIdx.x] = &alexnet_built_in;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (++*here; *here < 2 && std::chrono::steady_clock::now() < end;) std::this_thread::yield();
  met[blockIdx.x] = *here == 2;
}

__global__ void where(const void** os_threads) { os_threads[blockIdx.x] = &alexnet_built_in; }

// Notes in which order the threads of each block pass a barrier.
__global__ void turns(int* next, int* order) {
  __syncthreads();
  order[int(blockIdx.x) * kThreads + next[blockIdx.x]++] = int(threadIdx.x);
}

// Every block from `first` on fails.
__global__ void fails_from(int first) {
  __shared__ SharedArray<float, kThreads> tile;
  const int block = int(blockIdx.x);
  if (block >= first) tile[int(threadIdx.x) + (int(threadIdx.x) == block ? kThreads : 0)] = 1.f;  // FAULT fails_from
}

// Blocks may not launch.
__global__ void nested(int* codes) {
  if (threadIdx.x == 0) codes[blockIdx.x] = launch(where, 1, 1, 0, Stream{}, static_cast<const void**>(nullptr)).code();
}

// ---- planted faults -------------------------------------------------------------------------------------------------
//
// Each kernel has its mistake on a line marked with its name. A race has two lines, and which of them comes second, and
// is reported, depends on the schedule; without a first barrier it may also show as a read of what nobody wrote yet.

__global__ void missing_barrier(float* y) {
  __shared__ SharedArray<float, kThreads> tile;
  const int t = int(threadIdx.x);
  tile[t] = 1.f;
  y[t] = tile[(t + 32) % kThreads];  // FAULT missing_barrier
}

__global__ void missing_second_barrier(float* y) {
  __shared__ SharedArray<float, kThreads> tile;
  const int t = int(threadIdx.x);
  tile[t] = 1.f;
  __syncthreads();
  const float other = tile[(t + 32) % kThreads];  // FAULT missing_second_barrier
  tile[t] = other;                                // FAULT missing_second_barrier
  y[t] = other;
}

// Nobody reads what is written last: only the write itself can show the race, where it comes second.
__global__ void write_after_read(float* y) {
  __shared__ SharedArray<float, 1> cell;
  const int t = int(threadIdx.x);
  if (t == 0) cell[0] = 1.f;
  __syncthreads();
  const int reader = y == nullptr ? kThreads - 1 : 0;
  float value = 0.f;
  if (t == reader) value = cell[0];               // FAULT write_after_read
  if (t == kThreads - 1 - reader) cell[0] = 2.f;  // FAULT write_after_read
  if (y != nullptr) y[t] = value;
}

// The same within a warp.
__global__ void write_after_read_in_warp(float* y) {
  __shared__ SharedArray<float, 1> cell;
  const int t = int(threadIdx.x);
  if (t == 0) cell[0] = 1.f;
  __syncthreads();
  float value = 0.f;
  if (t == 3) value = cell[0];  // FAULT write_after_read_in_warp
  if (t == 5) cell[0] = 2.f;    // FAULT write_after_read_in_warp
  y[t] = value;
}

__global__ void missing_warp_barrier(float* y) {
  __shared__ SharedArray<float, kThreads> tile;
  const int t = int(threadIdx.x);
  tile[t] = 1.f;
  y[t] = tile[t ^ 1];  // FAULT missing_warp_barrier
}

// A shuffle makes the lanes meet, but orders no memory.
__global__ void shuffle_is_no_barrier(float* y) {
  __shared__ SharedArray<float, kThreads> tile;
  const int t = int(threadIdx.x);
  tile[t] = 1.f;
  const float sum = warp_sum(1.f);
  y[t] = sum + tile[t ^ 1];  // FAULT shuffle_is_no_barrier
}

__global__ void divergent_barrier(float* y) {
  const int t = int(threadIdx.x);
  if (t < 64) {
    __syncthreads();  // FAULT divergent_barrier
  } else {
    __syncthreads();  // FAULT divergent_barrier
  }
  y[t] = 0.f;
}

__global__ void left_before_barrier(float* y) {
  if (threadIdx.x >= 64) return;
  __syncthreads();  // FAULT left_before_barrier
  y[threadIdx.x] = 0.f;
}

__global__ void barrier_against_shuffle(float* y) {
  if (threadIdx.x < 32) __syncwarp();
  if (threadIdx.x == 40) __syncwarp();
  __syncthreads();  // FAULT barrier_against_shuffle
  y[threadIdx.x] = 0.f;
}

__global__ void outside_static(float* y) {
  __shared__ SharedArray<float, kThreads, 33> tile;
  tile[threadIdx.x][threadIdx.x == 31 ? 33 : 0] = 1.f;  // FAULT outside_static
  y[threadIdx.x] = 0.f;
}

__global__ void outside_dynamic(float* y) {
  ALEXNET_SHARED_DYNAMIC(float, tile);
  tile[int(threadIdx.x) + 1] = 1.f;  // FAULT outside_dynamic
  y[threadIdx.x] = 0.f;
}

__global__ void unwritten(float* y) {
  __shared__ SharedArray<float, kThreads + 1> tile;
  tile[int(threadIdx.x)] = 1.f;
  __syncthreads();
  y[threadIdx.x] = tile[int(threadIdx.x) + 1];  // FAULT unwritten
}

// The first block writes everything; what it leaves behind is nothing the second may read.
__global__ void unwritten_in_second_block(float* y) {
  __shared__ SharedArray<float, kThreads> tile;
  if (blockIdx.x == 0) tile[int(threadIdx.x)] = 1.f;
  __syncthreads();
  y[threadIdx.x] = tile[int(threadIdx.x)];  // FAULT unwritten_in_second_block
}

__global__ void no_wait(const float* x, float* y) {
  __shared__ SharedArray<float, kThreads> tile;
  async_copy<4>(&tile[int(threadIdx.x)], x + threadIdx.x);
  async_commit();
  __syncthreads();
  y[threadIdx.x] = tile[int(threadIdx.x)];  // FAULT no_wait
}

__global__ void misaligned_copy(const float* x, float* y) {
  __shared__ SharedArray<float, 4 * kThreads + 1> tile;
  async_copy<16>(&tile[4 * int(threadIdx.x) + 1], x + 4 * threadIdx.x);  // FAULT misaligned_copy
  y[threadIdx.x] = 0.f;
}

__global__ void different_masks(float* y) {
  const unsigned mask = threadIdx.x == 3 ? 0x0fffffffu : kAll;
  y[threadIdx.x] = __shfl_sync(mask, 1.f, 0);  // FAULT different_masks
}

__global__ void not_in_mask(float* y) {
  y[threadIdx.x] = __shfl_sync(0xffffu, 1.f, 0);  // FAULT not_in_mask
}

__global__ void shuffle_from_nobody(float* y) {
  if (threadIdx.x < 16) y[threadIdx.x] = __shfl_sync(0xffffu, 1.f, 20);  // FAULT shuffle_from_nobody
}

// ---- the checks -----------------------------------------------------------------------------------------------------

void check_right_kernels() {
  std::vector<float> x(size_t(8 * kThreads * 4)), y(size_t(8 * kThreads));
  std::iota(x.begin(), x.end(), 0.f);
  std::vector<int> out(size_t(7 * 32));

  std::vector<int> order(4 * 3 * 2 * 5 * 2 * 3);
  EXPECT_OK(launch(indices, dim3(4, 3, 2), dim3(5, 2, 3), 0, Stream{}, order.data()));
  EXPECT(order[0] == 0 && order[31] == 1001 && order.back() == 23 * 1000 + 29);

  EXPECT_OK(launch(reverse_twice, 8, kThreads, 0, Stream{}, x.data(), y.data()));
  EXPECT(y[0] == 1.f && y[8 * kThreads - 1] == float(8 * kThreads));
  EXPECT_OK(launch(warp_sums, 1, kThreads, 0, Stream{}, x.data(), y.data()));
  EXPECT(y[0] == 496.f && y[1] == 1520.f && y[2] == 2544.f);
  EXPECT_OK(launch(within_warp, 1, kThreads, kThreads * 4, Stream{}, y.data()));
  EXPECT(y[0] == 2.f && y[95] == 188.f);
  EXPECT_OK(launch(vectors, 1, kThreads, 0, Stream{}, y.data()));
  EXPECT(y[0] == 7.f && y[95] == 6.f);
  EXPECT_OK(launch(pipeline, 1, kThreads, 0, Stream{}, x.data(), y.data(), 3, 1));
  EXPECT(y[0] == 5.f + 389.f + 773.f);

  EXPECT_OK(launch(warp_moves, 1, 32, 0, Stream{}, out.data()));
  EXPECT(out[9] == 5 && out[32 + 2] == 2 && out[32 + 9] == 6);
  EXPECT(out[64 + 4] == 7 && out[64 + 5] == 5 && out[96 + 3] == 11);
  EXPECT(unsigned(out[128]) == 0x49249249u && out[160] == 1);
  EXPECT(out[192 + 4] == 50 && out[192 + 17] == 160);
}

void check_faults() {
  std::vector<float> memory(size_t(8 * kThreads));
  float* const y = memory.data();
  const float* const x = memory.data() + 4 * kThreads;
  expect_fault("missing_barrier", {"shared memory"}, missing_barrier, 0, y);
  expect_fault("missing_second_barrier", {"race", "by thread", "no barrier"}, missing_second_barrier, 0, y);
  expect_fault("write_after_read", {"race", "no barrier"}, write_after_read, 0, y);
  expect_fault("write_after_read", {"race", "no barrier"}, write_after_read, 0, static_cast<float*>(nullptr));
  expect_fault("write_after_read_in_warp", {"race", "no barrier"}, write_after_read_in_warp, 0, y);
  expect_fault("missing_warp_barrier", {"shared memory"}, missing_warp_barrier, 0, y);
  expect_fault("shuffle_is_no_barrier", {"race"}, shuffle_is_no_barrier, 0, y);
  expect_fault("divergent_barrier", {"divergent barrier", "waits at another one"}, divergent_barrier, 0, y);
  expect_fault("left_before_barrier", {"divergent barrier", "has left the kernel"}, left_before_barrier, 0, y);
  expect_fault("barrier_against_shuffle", {"divergent barrier", "warp operation"}, barrier_against_shuffle, 0, y);
  expect_fault("outside_static", {"index 33 of an extent of 33"}, outside_static, 0, y);
  expect_fault("outside_dynamic", {"bytes 384 to 387 of an array of 384"}, outside_dynamic, kThreads * 4, y);
  expect_fault("unwritten", {"has written yet", "thread (95,0,0)"}, unwritten, 0, y);
  expect_fault("unwritten_in_second_block", {"has written yet", "block (1,0,0)"}, unwritten_in_second_block, 0, y);
  expect_fault("no_wait", {"asynchronous copy", "not waited"}, no_wait, 0, x, y);
  expect_fault("pipeline", {"asynchronous copy", "not waited"}, pipeline, 0, x, y, 1, 2);
  expect_fault("misaligned_copy", {"not aligned"}, misaligned_copy, 0, x, y);
  expect_fault("different_masks", {"warp operation", "mask"}, different_masks, 0, y);
  expect_fault("not_in_mask", {"lacks this lane"}, not_in_mask, 0, y);
  expect_fault("shuffle_from_nobody", {"reads lane 20"}, shuffle_from_nobody, 0, y);
}

// A stream of a device with so many OS threads.
Stream on_threads(int32_t threads) {
  static CorePool pool;
  return {{Kind::kEmu}, nullptr, {threads, &pool}};
}

// Large grids are divided, small ones are not worth it.
void check_blocks_at_once() {
  std::atomic<int> here{0};
  std::vector<int> met(2);
  std::vector<const void*> os_threads(2);
  EXPECT_OK(launch(meet, 2, 512, 0, on_threads(2), &here, os_threads.data(), met.data()));
  EXPECT(met[0] == 1 && met[1] == 1 && os_threads[0] == &alexnet_built_in && os_threads[1] != os_threads[0]);
  EXPECT_OK(launch(where, 2, 32, 0, on_threads(2), os_threads.data()));
  EXPECT(os_threads[0] == &alexnet_built_in && os_threads[1] == &alexnet_built_in);
}

// The order of threads in each of 24 blocks.
std::vector<int> turns_on(int32_t threads) {
  std::vector<int> next(24), order(size_t(24 * kThreads), -1);
  EXPECT_OK(launch(turns, 24, kThreads, 0, on_threads(threads), next.data(), order.data()));
  return order;
}

// What a launch does, and counts, is the same on any number of OS threads.
void check_same_on_any_threads() {
  const std::vector<int> one = turns_on(1);
  emulator::counters() = {};
  for (const int32_t threads : {1, 2, 3, 7}) EXPECT(turns_on(threads) == one);
  EXPECT(emulator::counters().threads == 4 * 24 * kThreads && emulator::counters().barriers == 4 * 24 * kThreads);
  std::vector<float> x(size_t(24 * kThreads)), y(x.size());
  std::iota(x.begin(), x.end(), 0.f);
  EXPECT_OK(launch(reverse_twice, 24, kThreads, 0, on_threads(3), x.data(), y.data()));
  EXPECT(y.front() == 1.f && y.back() == float(24 * kThreads));
  std::vector<int> codes(24);
  EXPECT_OK(launch(nested, 24, kThreads, 0, on_threads(3), codes.data()));
  EXPECT(std::count(codes.begin(), codes.end(), int(ALEXNET_WRONG_STATE)) == 24);
}

// Each block draws anew, from the seed and its own number.
void check_draws() {
  emulator::settings() = {Schedule::kRandom, Copies::kLate, 1, true};
  const std::vector<int> first = turns_on(1);
  emulator::settings() = {Schedule::kRandom, Copies::kLate, 2, true};
  EXPECT(turns_on(1) != first);
  emulator::settings() = {};
  std::set<std::vector<int>> orders;
  for (auto block = first.begin(); block != first.end(); block += kThreads) orders.insert({block, block + kThreads});
  EXPECT(orders.size() == 24);
}

// Of several blocks that fail the first one in their order is reported, whichever comes first in time.
void check_first_fault() {
  constexpr int kFirst = 5;
  const Status one = launch(fails_from, 40, kThreads, 0, on_threads(1), kFirst);
  EXPECT(one.code() == ALEXNET_INTERNAL && Marked("fails_from").is_in(one.text()));
  if (emulator::settings().schedule == Schedule::kOrdered) EXPECT_TEXT(one.text(), "block (5,0,0), thread (5,0,0)");
  if (emulator::settings().schedule == Schedule::kReverse) EXPECT_TEXT(one.text(), "block (39,0,0), thread (39,0,0)");
  for (int round = 0; round < 10; ++round) {
    for (const int32_t threads : {2, 4, 7}) {
      EXPECT(launch(fails_from, 40, kThreads, 0, on_threads(threads), kFirst).text() == one.text());
    }
  }
}

// A kernel that relies on the order of blocks gives other results under another schedule, and every block runs once.
void check_block_order() {
  for (const Schedule schedule : {Schedule::kOrdered, Schedule::kReverse, Schedule::kRandom}) {
    emulator::settings() = {schedule, Copies::kLate, 3, true};
    std::vector<int> out(size_t(30), -1000);
    EXPECT_OK(launch(chain, 30, 1, 0, Stream{}, out.data(), out.data()));
    EXPECT(std::count(out.begin(), out.end(), -1000) == 0);
    EXPECT((out[29] == 30) == (schedule == Schedule::kOrdered));
  }
  emulator::settings() = {};
}

// An OS thread's settings come from the environment at its first launch.
Status chain_with(const char* variable, const char* value, int* last) {
  Status status;
  setenv(variable, value, 1);
  std::thread([&] {
    std::vector<int> out(size_t(30), -1000);
    status = launch(chain, 30, 1, 0, Stream{}, out.data(), out.data());
    *last = out[29];
  }).join();
  unsetenv(variable);
  return status;
}

void check_environment() {
  int last = 0;
  EXPECT(chain_with("ALEXNET_EMU_SCHEDULE", "ordered", &last).ok() && last == 30);
  EXPECT(chain_with("ALEXNET_EMU_SCHEDULE", "reverse", &last).ok() && last < 0);
  EXPECT(chain_with("ALEXNET_EMU_SEED", "12", &last).ok());
  EXPECT_TEXT(chain_with("ALEXNET_EMU_SCHEDULE", "sideways", &last).text(), "ALEXNET_EMU_SCHEDULE is 'sideways'",
              "ordered, reverse, random");
  EXPECT_TEXT(chain_with("ALEXNET_EMU_COPIES", "never", &last).text(), "late, early, random");
  EXPECT_TEXT(chain_with("ALEXNET_EMU_CHECK", "2", &last).text(), "0, 1");
  EXPECT_TEXT(chain_with("ALEXNET_EMU_SEED", "x", &last).text(), "no number");
}

void check_limits() {
  float y[1];
  EXPECT(launch(unwritten, 1, 1025, 0, Stream{}, y).code() == ALEXNET_BAD_ARGUMENT);
  EXPECT(launch(unwritten, 0, 32, 0, Stream{}, y).code() == ALEXNET_BAD_ARGUMENT);
  EXPECT(launch(unwritten, dim3(1, 65536), 32, 0, Stream{}, y).code() == ALEXNET_BAD_ARGUMENT);
  EXPECT(launch(unwritten, 1, 32, 228 << 10, Stream{}, y).code() == ALEXNET_BAD_ARGUMENT);
}

// Two OS threads, one kernel: what a block shares must not be shared between them.
void check_two_os_threads() {
  auto work = [] {
    std::vector<float> x(size_t(4 * kThreads)), y(size_t(4 * kThreads));
    std::iota(x.begin(), x.end(), 0.f);
    bool right = true;
    for (int i = 0; i < 50; ++i) {
      right = launch(reverse_twice, 4, kThreads, 0, Stream{}, x.data(), y.data()).ok() && right;
      right = right && y[0] == 1.f && y[4 * kThreads - 1] == float(4 * kThreads);
    }
    return right;
  };
  bool left = false, right = false;
  std::thread a([&] { left = work(); }), b([&] { right = work(); });
  a.join();
  b.join();
  EXPECT(left && right);
}

}  // namespace
}  // namespace alexnet

int main() {
  alexnet::under_every_schedule(alexnet::check_right_kernels);
  alexnet::check::check_matrices();
  alexnet::check_faults();
  alexnet::under_every_schedule(alexnet::check_right_kernels);  // faults left nothing behind
  alexnet::check_block_order();
  alexnet::check_blocks_at_once();
  alexnet::under_every_schedule(alexnet::check_same_on_any_threads);
  alexnet::check_draws();
  alexnet::under_every_schedule(alexnet::check_first_fault);
  alexnet::check_environment();
  alexnet::check_limits();
  alexnet::check_two_os_threads();
  return alexnet::check::expectations().finish();
}
