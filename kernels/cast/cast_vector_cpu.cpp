// cast vector: float32 values rounded to bf16, eight at a time.
// Math     cast.h.
// Cost     6 bytes per value; bound by memory.
// Launch   threads divide the values.
// Valid    any count. The same bits as every other variant.
// Measured not yet
#include "cast/cast.h"
#include "common/parallel_cpu.h"
#include "common/widening_cpu.h"

namespace alexnet {
namespace {

Status launch_fprop_vector(const CastShape& s, const float* x, Bf16* y, Stream stream) {
  return convert(s.count, x, y, stream);
}

}  // namespace

ALEXNET_VARIANT(CastFprop, "vector", prefers<2>, launch_fprop_vector)

}  // namespace alexnet
