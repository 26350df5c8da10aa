// What docs/measurements and the kernels' headers have times of. Where a variant is not here, what `choose` prefers of
// it comes of a model.
#ifndef ALEXNET_RUNTIME_MEASURED_H
#define ALEXNET_RUNTIME_MEASURED_H

#include <cstring>

#include "common/target.h"

namespace alexnet {

struct Measured {
  Kind kind;
  const char* family;
  const char* pass;  // "" for all
  const char* variant;
  const char* on;
};

constexpr const char* kH200 = "H200";
constexpr const char* kEarlierLoop = "H200, with an earlier loop";
constexpr const char* kCpuCore = "CPU";

constexpr Measured kMeasured[] = {
    {Kind::kCuda, "add", "", "vector", kH200},
    {Kind::kCuda, "bias", "", "chunks", kH200},
    {Kind::kCuda, "bias", "", "direct", kH200},
    {Kind::kCuda, "conv", "", "implicit_gemm", kEarlierLoop},
    {Kind::kCuda, "dropout", "", "vector", kH200},
    {Kind::kCuda, "fc", "", "gemm", kEarlierLoop},
    {Kind::kCuda, "input", "", "vector", kH200},
    {Kind::kCuda, "lrn", "", "direct", kH200},
    {Kind::kCuda, "lrn_pool", "", "rows", kH200},
    {Kind::kCpu, "add", "", "vector", kCpuCore},
    {Kind::kCpu, "bias", "", "chunks", kCpuCore},
    {Kind::kCpu, "conv", "", "panels", kCpuCore},
    {Kind::kCpu, "conv", "", "panels_avx512", kCpuCore},
    {Kind::kCpu, "conv", "", "winograd2", kCpuCore},
    {Kind::kCpu, "conv", "", "winograd2_avx512", kCpuCore},
    {Kind::kCpu, "conv", "", "winograd4", kCpuCore},
    {Kind::kCpu, "conv", "", "winograd4_avx512", kCpuCore},
    {Kind::kCpu, "dropout", "", "vector", kCpuCore},
    {Kind::kCpu, "fc", "", "panels", kCpuCore},
    {Kind::kCpu, "fc", "", "panels_avx512", kCpuCore},
    {Kind::kCpu, "fc", "fprop", "gemv", kCpuCore},
    {Kind::kCpu, "input", "", "rows", kCpuCore},
    {Kind::kCpu, "local", "", "panels", kCpuCore},
    {Kind::kCpu, "local", "", "panels_avx512", kCpuCore},
    {Kind::kCpu, "lrn", "", "rows", kCpuCore},
    {Kind::kCpu, "lrn_map", "", "rows", kCpuCore},
    {Kind::kCpu, "pool", "", "windows", kCpuCore},
    {Kind::kCpu, "relu", "bprop", "vector", kCpuCore},
    {Kind::kCpu, "sgd", "", "vector", kCpuCore},
    {Kind::kCpu, "softmax", "fprop", "rows", kCpuCore},
    {Kind::kCpu, "tanh", "", "vector", kCpuCore},
};

// Where a variant was timed, "" if nowhere.
inline const char* measured_on(Kind kind, const char* family, const char* pass, const char* variant) {
  for (const Measured& m : kMeasured) {
    const bool is_pass = *m.pass == '\0' || std::strcmp(m.pass, pass) == 0;
    if (m.kind == kind && is_pass && std::strcmp(m.family, family) == 0 && std::strcmp(m.variant, variant) == 0) {
      return m.on;
    }
  }
  return "";
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_MEASURED_H
