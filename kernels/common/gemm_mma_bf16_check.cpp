// Where a stage of bf16 lies in shared memory: which banks its loads and copies go to, and that the copies bring all of
// it.
#include "common/gemm_mma_bf16.cuh"

#include <algorithm>
#include <vector>

#include "common/unit.h"

namespace alexnet::check {
namespace {

// Whether eight accesses of 16 bytes, at these values, go to different banks, of which there are 32 of 4 bytes.
bool all_banks(const int (&values)[8]) {
  unsigned seen = 0;
  for (const int value : values) {
    if (value % 8 != 0) return false;  // not aligned
    seen |= 1u << value / 8 % 8;
  }
  return seen == 0xff;
}

// The rows of each of the four matrices of a load are brought in one cycle, wherever the square is.
template <class Operand>
std::string load_conflicts() {
  for (int half = 0; half < 4; ++half) {
    for (int k = 0; k < Operand::depth; k += 16) {
      for (int index = 0; index < Operand::extent; index += 16) {
        int values[8];
        for (int row = 0; row < 8; ++row) {
          values[row] = Operand::at(index, k) + Operand::row_of(row, half % 2, half / 2);
          const int want = Operand::kAlongK ? Operand::at(index + half % 2 * 8 + row, k + half / 2 * 8)
                                            : Operand::at(index + half % 2 * 8, k + half / 2 * 8 + row);
          if (values[row] != want) return format_text("row %d of half %d is not where it belongs", row, half);
        }
        if (!all_banks(values)) return format_text("a load at index %d, k %d meets in a bank", index, k);
      }
    }
  }
  return "";
}

// What eight lanes copy at once goes to different banks, and all threads together copy each value once.
template <class Operand, Order kOrder, int kThreads>
std::string copy_conflicts() {
  using Copy = OperandCopy<Operand, kOrder, kThreads, 8>;
  std::vector<int> copied(size_t(2 * Operand::floats));
  const auto before = threadIdx;
  std::string wrong;
  for (int pass = 0; pass < Copy::kPasses; ++pass) {
    for (int first = 0; first < kThreads; first += 8) {
      int values[8];
      for (int i = 0; i < 8; ++i) {
        threadIdx.x = unsigned(first + i);
        values[i] = Operand::at(Copy::first_index() + pass * Copy::kPass, Copy::first_k());
        for (int j = 0; j < 8; ++j) ++copied[size_t(values[i] + j)];
      }
      if (!all_banks(values)) wrong = format_text("the copies of threads %d to %d meet in a bank", first, first + 7);
    }
  }
  threadIdx = before;
  for (int index = 0; index < Operand::extent; ++index) {
    for (int k = 0; k < Operand::depth; ++k) {
      if (copied[size_t(Operand::at(index, k))] != 1) return format_text("index %d, k %d is not copied once", index, k);
    }
  }
  const auto lines = int64_t(Operand::extent) * Operand::depth;
  if (std::count(copied.begin(), copied.end(), 1) != lines) return "something beside the operand is copied";
  return wrong;
}

template <int kExtent, int kThreads>
std::string conflicts() {
  std::string wrong = load_conflicts<StageOperandBf16<kExtent, Order::kInner>>();
  if (wrong.empty()) wrong = load_conflicts<StageOperandBf16<kExtent, Order::kOuter>>();
  if (wrong.empty()) wrong = copy_conflicts<StageOperandBf16<kExtent, Order::kInner>, Order::kInner, kThreads>();
  if (wrong.empty()) wrong = copy_conflicts<StageOperandBf16<kExtent, Order::kOuter>, Order::kOuter, kThreads>();
  return wrong.empty() ? "" : format_text("%d indices, %d threads: %s", kExtent, kThreads, wrong.c_str());
}

template <class... Tiles>
std::string conflicts_of(TileList<Tiles...>) {
  std::string all;
  ((all += conflicts<Tiles::kRows, Tiles::kThreads>() + conflicts<Tiles::kColumns, Tiles::kThreads>()), ...);
  return all;
}

std::string gemm_mma_bf16_banks() { return conflicts_of(TilesOf<Precision::kBf16>::Quads()); }

ALEXNET_UNIT_TEST("common", gemm_mma_bf16_banks)

}  // namespace
}  // namespace alexnet::check
