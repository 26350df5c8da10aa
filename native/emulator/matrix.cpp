// What a warp's tensor core does: fragments put together, multiplied, and dealt out again.
#include <vector>

#include "emulator/emulator.h"

namespace alexnet::emulator {

namespace {

constexpr uint32_t kBeyondTf32 = 0x1fff;

struct A {
  float values[16][8];
};
struct B {
  float values[8][8];
};
struct Sums {
  float values[16][8];
};

// A product of two tf32 numbers has 22 bits, so that rounding it to float32 before it is added changes nothing.
void multiply(const A& a, const B& b, Sums* sums) {
  for (int row = 0; row < 16; ++row) {
    float line[8];
    for (int column = 0; column < 8; ++column) line[column] = sums->values[row][column];
    for (int k = 0; k < 8; ++k) {
      const float factor = a.values[row][k];
      for (int column = 0; column < 8; ++column) line[column] += factor * b.values[k][column];
    }
    for (int column = 0; column < 8; ++column) sums->values[row][column] = line[column];
  }
}

// visit(sum, row, column): the four sums that a lane has of matrices i and j.
template <class Visit>
void for_sums(const Fragments& of, int lane, int i, int j, Visit&& visit) {
  for (int n = 0; n < 4; ++n) {
    const int row = lane / 4 + n / 2 * 8, column = lane % 4 * 2 + n % 2;
    visit(of.sums[(i * of.columns + j) * 4 + n], row, column);
  }
}

}  // namespace

const uint32_t* multiply_fragments(const Fragments* const (&lanes)[32], int* lane) {
  static thread_local std::vector<A> a;
  static thread_local std::vector<B> b;
  a.resize(size_t(lanes[0]->rows));
  b.resize(size_t(lanes[0]->columns));
  for (int i = 0; i < 32; ++i) {
    const Fragments& of = *lanes[i];
    const int g = i / 4, t = i % 4;
    for (int j = 0; j < 4 * of.rows; ++j) {
      if ((of.a[j] & kBeyondTf32) != 0) return *lane = i, of.a + j;
      a[size_t(j / 4)].values[g + j % 2 * 8][t + j % 4 / 2 * 4] = __uint_as_float(of.a[j]);
    }
    for (int j = 0; j < 2 * of.columns; ++j) {
      if ((of.b[j] & kBeyondTf32) != 0) return *lane = i, of.b + j;
      b[size_t(j / 2)].values[t + j % 2 * 4][g] = __uint_as_float(of.b[j]);
    }
  }
  for (int i = 0; i < lanes[0]->rows; ++i) {
    for (int j = 0; j < lanes[0]->columns; ++j) {
      Sums sums;
      for (int n = 0; n < 32; ++n) {
        for_sums(*lanes[n], n, i, j, [&](float sum, int row, int column) { sums.values[row][column] = sum; });
      }
      multiply(a[size_t(i)], b[size_t(j)], &sums);
      for (int n = 0; n < 32; ++n) {
        for_sums(*lanes[n], n, i, j, [&](float& sum, int row, int column) { sum = sums.values[row][column]; });
      }
    }
  }
  return nullptr;
}

}  // namespace alexnet::emulator
