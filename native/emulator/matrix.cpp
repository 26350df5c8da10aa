// What a warp's tensor core does: fragments put together, multiplied, and dealt out again.
#include <vector>

#include "emulator/emulator.h"

namespace alexnet::emulator {

namespace {

constexpr uint32_t kBeyondTf32 = 0x1fff;
constexpr int kMostSteps = 16;  // of k

struct A {
  float values[16][kMostSteps];
};
struct B {
  float values[kMostSteps][8];
};
struct Sums {
  float values[16][8];
};

// A product has 22 bits in tf32, 16 in bf16, so that rounding it to float32 before it is added changes nothing.
void multiply(const A& a, const B& b, int steps, Sums* sums) {
  for (int row = 0; row < 16; ++row) {
    float line[8];
    for (int column = 0; column < 8; ++column) line[column] = sums->values[row][column];
    for (int k = 0; k < steps; ++k) {
      const float factor = a.values[row][k];
      for (int column = 0; column < 8; ++column) line[column] += factor * b.values[k][column];
    }
    for (int column = 0; column < 8; ++column) sums->values[row][column] = line[column];
  }
}

// put(k, value): the number, or both, of a word that a lane with t has in the first or second half of the steps of k.
template <class Put>
void take_apart(Factors factors, uint32_t word, int half, int t, Put&& put) {
  if (factors == Factors::kTf32) return put(t + half * 4, __uint_as_float(word));
  put(2 * t + half * 8, __uint_as_float(word << 16));
  put(2 * t + half * 8 + 1, __uint_as_float(word & 0xffff0000u));
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
  const bool tf32 = lanes[0]->factors == Factors::kTf32;
  const uint32_t beyond = tf32 ? kBeyondTf32 : 0;
  for (int i = 0; i < 32; ++i) {
    const Fragments& of = *lanes[i];
    const int g = i / 4, t = i % 4;
    for (int j = 0; j < 4 * of.rows; ++j) {
      if ((of.a[j] & beyond) != 0) return *lane = i, of.a + j;
      auto& row = a[size_t(j / 4)].values[g + j % 2 * 8];
      take_apart(of.factors, of.a[j], j % 4 / 2, t, [&](int k, float value) { row[k] = value; });
    }
    for (int j = 0; j < 2 * of.columns; ++j) {
      if ((of.b[j] & beyond) != 0) return *lane = i, of.b + j;
      B& to = b[size_t(j / 2)];
      take_apart(of.factors, of.b[j], j % 2, t, [&](int k, float value) { to.values[k][g] = value; });
    }
  }
  for (int i = 0; i < lanes[0]->rows; ++i) {
    for (int j = 0; j < lanes[0]->columns; ++j) {
      Sums sums;
      for (int n = 0; n < 32; ++n) {
        for_sums(*lanes[n], n, i, j, [&](float sum, int row, int column) { sums.values[row][column] = sum; });
      }
      multiply(a[size_t(i)], b[size_t(j)], tf32 ? 8 : 16, &sums);
      for (int n = 0; n < 32; ++n) {
        for_sums(*lanes[n], n, i, j, [&](float& sum, int row, int column) { sum = sums.values[row][column]; });
      }
    }
  }
  return nullptr;
}

void deal_matrices(const MatrixRows* const (&lanes)[32]) {
  for (int i = 0; i < lanes[0]->count; ++i) {
    for (int j = 0; j < 4; ++j) {
      uint16_t matrix[8][8];
      for (int row = 0; row < 8; ++row) std::memcpy(matrix[row], lanes[8 * j + row]->bytes + 16 * i, 16);
      for (int lane = 0; lane < 32; ++lane) {
        const int g = lane / 4, t = lane % 4;
        const bool across = lanes[lane]->transposed;
        const uint32_t first = across ? matrix[2 * t][g] : matrix[g][2 * t];
        const uint32_t second = across ? matrix[2 * t + 1][g] : matrix[g][2 * t + 1];
        lanes[lane]->to[4 * i + j] = first | second << 16;
      }
    }
  }
}

}  // namespace alexnet::emulator
