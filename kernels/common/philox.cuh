// Philox4x32-10: random bits as a pure function of a key and a counter (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011). No state is kept: the same place in the computation gives the same bits on
// every device, in any order, after any resume.
//
// Here the key is the seed and the counter (index / 4, step, purpose); a call gives four words, element `index` takes
// word index % 4.
#ifndef ALEXNET_PHILOX_CUH
#define ALEXNET_PHILOX_CUH

#include <stdint.h>

#if defined(__CUDACC__)
#define ALEXNET_HOST_DEVICE __host__ __device__
#else
#define ALEXNET_HOST_DEVICE
#endif

namespace alexnet {

struct PhiloxWords {
  uint32_t word[4];
};

// Ten rounds on `counter` with the 64-bit key (k0, k1).
ALEXNET_HOST_DEVICE inline PhiloxWords philox4x32_10(PhiloxWords counter, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t(0xD2511F53u) * counter.word[0];
    const uint64_t b = uint64_t(0xCD9E8D57u) * counter.word[2];
    counter = {
        {uint32_t(b >> 32) ^ counter.word[1] ^ k0, uint32_t(b), uint32_t(a >> 32) ^ counter.word[3] ^ k1, uint32_t(a)}};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return counter;
}

// The four words of elements 4*group .. 4*group + 3 of the stream (seed, purpose, step). `purpose` keeps the streams of
// different uses apart (dropout of fc6, of fc7, crops, ...). Steps from 2^32 on wrap.
ALEXNET_HOST_DEVICE inline PhiloxWords philox_group(uint64_t seed, uint32_t purpose, int64_t step, uint64_t group) {
  return philox4x32_10({{uint32_t(group), uint32_t(group >> 32), uint32_t(step), purpose}}, uint32_t(seed),
                       uint32_t(seed >> 32));
}

ALEXNET_HOST_DEVICE inline uint32_t philox_word(uint64_t seed, uint32_t purpose, int64_t step, uint64_t index) {
  return philox_group(seed, purpose, step, index / 4).word[index % 4];
}

// A word as a float in [0, 1): its upper 24 bits, so that every value is exact.
ALEXNET_HOST_DEVICE inline float philox_uniform(uint32_t word) { return float(word >> 8) * (1.0f / 16777216.0f); }

}  // namespace alexnet

#endif  // ALEXNET_PHILOX_CUH
