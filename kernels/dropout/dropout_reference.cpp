// Reference of dropout: the formulas of dropout.h as plain loops, with its own Philox4x32-10, written from the
// definition in Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011), so that it checks philox.cuh.
#include <array>

#include "dropout/dropout.h"

namespace alexnet {
namespace {

std::array<uint32_t, 4> philox4x32_10(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t(0xD2511F53u) * counter[0];
    const uint64_t product1 = uint64_t(0xCD9E8D57u) * counter[2];
    counter = {uint32_t(product1 >> 32) ^ counter[1] ^ key[0], uint32_t(product1),
               uint32_t(product0 >> 32) ^ counter[3] ^ key[1], uint32_t(product0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

}  // namespace

bool dropout_kept_reference(const DropoutShape& s, int64_t step, int64_t i) {
  const uint64_t j = uint64_t(s.first + i);
  const std::array<uint32_t, 4> words = philox4x32_10(
      {uint32_t(j / 4), uint32_t(j / 4 >> 32), uint32_t(step), s.purpose}, {uint32_t(s.seed), uint32_t(s.seed >> 32)});
  const double uniform = double(words[j % 4] >> 8) / 16777216.0;
  return uniform < double(s.keep);
}

template <class Real>
void dropout_fprop_reference(const DropoutShape& s, int64_t step, const Real* x, Real* y, bool training) {
  for (int64_t i = 0; i < s.count; ++i)
    y[i] = !training ? Real(s.keep) * x[i] : dropout_kept_reference(s, step, i) ? x[i] : Real(0);
}

template <class Real>
void dropout_bprop_reference(const DropoutShape& s, int64_t step, const Real* dy, Real* dx) {
  for (int64_t i = 0; i < s.count; ++i) dx[i] = dropout_kept_reference(s, step, i) ? dy[i] : Real(0);
}

template void dropout_fprop_reference<float>(const DropoutShape&, int64_t, const float*, float*, bool);
template void dropout_fprop_reference<double>(const DropoutShape&, int64_t, const double*, double*, bool);
template void dropout_bprop_reference<float>(const DropoutShape&, int64_t, const float*, float*);
template void dropout_bprop_reference<double>(const DropoutShape&, int64_t, const double*, double*);

}  // namespace alexnet
