// What a warp's tensor core does: fragments put together, multiplied, and dealt out again.
#include <cmath>

#include "emulator/emulator.h"

namespace alexnet::emulator {

const uint32_t* multiply_fragments(const Fragments* const (&lanes)[32], int* lane) {
  constexpr uint32_t kBeyondTf32 = 0x1fff;
  float a[16][8], b[8][8];
  for (int i = 0; i < 32; ++i) {
    const Fragments& of = *lanes[i];
    const int g = i / 4, t = i % 4;
    for (int j = 0; j < 4; ++j) {
      if ((of.a[j] & kBeyondTf32) != 0) return *lane = i, of.a + j;
      a[g + j % 2 * 8][t + j / 2 * 4] = __uint_as_float(of.a[j]);
    }
    for (int j = 0; j < 2; ++j) {
      if ((of.b[j] & kBeyondTf32) != 0) return *lane = i, of.b + j;
      b[t + 4 * j][g] = __uint_as_float(of.b[j]);
    }
  }
  for (int i = 0; i < 32; ++i) {
    for (int j = 0; j < 4; ++j) {
      float& sum = lanes[i]->sums[j];
      const int row = i / 4 + j / 2 * 8, column = i % 4 * 2 + j % 2;
      for (int k = 0; k < 8; ++k) sum = std::fma(a[row][k], b[k][column], sum);
    }
  }
  return nullptr;
}

}  // namespace alexnet::emulator
