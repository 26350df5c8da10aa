// What the bodies of products share: their result, which bf16 rounds once, however many planes it is made of.
#ifndef ALEXNET_RUNTIME_PRODUCT_H
#define ALEXNET_RUNTIME_PRODUCT_H

#include "common/epilogue.h"
#include "runtime/operation.h"

namespace alexnet {

// Finds y, and sums for the epilogue; each of `count` values. Without y the result stays in sums.
inline Status product_result(Operation& op, alexnet_buffer* y, alexnet_buffer* sums, int64_t count, Epilogue* epilogue,
                             float** y_data) {
  ALEXNET_REQUIRE(sums == nullptr || op.stores_bf16(), ALEXNET_BAD_ARGUMENT,
                  "sums are for precision bf16 alone; in another one y itself accumulates, and sums must be null");
  ALEXNET_REQUIRE(sums != nullptr || !op.stores_bf16() || !epilogue->accumulate, ALEXNET_BAD_ARGUMENT,
                  "sums is null; accumulate in precision bf16 needs it, float32 memory in which the planes before are");
  epilogue->sums = sums == nullptr ? nullptr : op.output("sums", sums, count);
  *y_data = sums != nullptr && y == nullptr ? nullptr : op.stored_output("y", y, count);
  return {};
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_PRODUCT_H
