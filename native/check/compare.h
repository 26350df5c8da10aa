// What a kernel gave against what its reference gives.
#ifndef ALEXNET_CHECK_COMPARE_H
#define ALEXNET_CHECK_COMPARE_H

#include <cstdint>
#include <string>
#include <vector>

#include "common/check.h"

namespace alexnet::check {

// "[n,p,q,k]" of the flat index.
std::string index_text(const TensorSpec& tensor, int64_t index);

bool close(float got, double want, const Tolerance& tolerance);

// The tolerance of a tensor's values, of which bf16 rounds each once more.
Tolerance tolerance_of(const TensorSpec& tensor, const Tolerance& t);

// INTERNAL with the first wrong element, how many there are and how wrong.
Status compare(const TensorSpec& tensor, const std::vector<float>& got, const double* want, const Tolerance& t);

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_COMPARE_H
