// Which parameters a block updates: kSgdBlock values or fewer of one of the arrays.
#ifndef ALEXNET_SGD_ARRAYS_CUH
#define ALEXNET_SGD_ARRAYS_CUH

#include "common/launch.cuh"
#include "sgd/sgd.h"

namespace alexnet {

constexpr int kSgdBlock = 1024;

// At least as many blocks as the arrays need; a block that finds nothing to do ends.
inline unsigned sgd_blocks(const SgdUpdateShape& s) { return unsigned(s.count / kSgdBlock + s.arrays); }

struct SgdPlace {
  int32_t array;  // SgdUpdateShape::arrays if there is nothing to do
  int64_t first;
};

__device__ __forceinline__ SgdPlace sgd_place(const SgdUpdateShape& s, const SgdTable& table) {
  int64_t first = int64_t(blockIdx.x) * kSgdBlock;
  int32_t array = 0;
  while (array < s.arrays && first >= table.at[array].shape.count) {
    first -= (table.at[array].shape.count + kSgdBlock - 1) / kSgdBlock * kSgdBlock;
    ++array;
  }
  return {array, first};
}

}  // namespace alexnet

#endif  // ALEXNET_SGD_ARRAYS_CUH
