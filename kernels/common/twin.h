// twin.h: runs a reference in float where kernels must give its very bits (the elementwise families). A check's tensors
// are doubles; these copy one out as floats and back.
#ifndef ALEXNET_TWIN_H
#define ALEXNET_TWIN_H

#include <algorithm>
#include <vector>

#include "common/check.h"

namespace alexnet::check {

inline std::vector<float> to_floats(Doubles& tensors, const char* name) {
  std::vector<float> values(size_t(tensors.count(name)));
  std::transform(tensors[name], tensors[name] + values.size(), values.begin(), [](double v) { return float(v); });
  return values;
}

inline void from_floats(const std::vector<float>& values, Doubles& tensors, const char* name) {
  std::copy(values.begin(), values.end(), tensors[name]);
}

}  // namespace alexnet::check

#endif  // ALEXNET_TWIN_H
