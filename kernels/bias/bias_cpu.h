// The column sums of bias_chunks_cpu.cpp, for the weight gradients that compute the bias's as well.
#ifndef ALEXNET_BIAS_CPU_H
#define ALEXNET_BIAS_CPU_H

#include "bias/bias.h"
#include "common/bf16.h"

namespace alexnet {

// db[K] = sum over rows of dy[rows,K]. Uses scratch slot 0 of the calling thread.
void bias_sums(const BiasShape& s, const float* dy, float* db, const Cores& cores);
void bias_sums(const BiasShape& s, const Bf16* dy, float* db, const Cores& cores);

}  // namespace alexnet

#endif  // ALEXNET_BIAS_CPU_H
