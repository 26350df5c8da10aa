// finish: what becomes of a finished tile of outputs x channels (tile_cpu.h): the Epilogue of a forward pass, or the
// mask of a gradient by the input.
#ifndef ALEXNET_FINISH_CPU_H
#define ALEXNET_FINISH_CPU_H

#include "epilogue.h"
#include "tile_cpu.h"

namespace alexnet {
inline namespace ALEXNET_LANES {

// The mask lies as y does.
struct Finish {
  Epilogue epilogue;
  const float* mask = nullptr;

  Finish from(int64_t floats) const { return {epilogue, mask == nullptr ? nullptr : mask + floats}; }
};

// y = relu((accumulate ? y : 0) + tile + bias) for M outputs, y_pixel floats apart, and the first `columns` of V
// vectors of channels from k on; 0 where the mask is not > 0.
template <int M, int V>
ALEXNET_INLINE void finish_tile(const Vector (&sums)[M][V], int64_t columns, const Finish& f, int64_t y_pixel,
                                int64_t k, float* y) {
  const Epilogue& e = f.epilogue;
  tile_each<M, V>(columns, [&](auto lanes, int i, int v) ALEXNET_INLINED {
    const int64_t channel = k + v * kLanes, at = i * y_pixel + channel;
    Vector value = e.accumulate ? vector_add(lanes.load(y + at), sums[i][v]) : sums[i][v];
    if (e.bias != nullptr) value = vector_add(value, lanes.load(e.bias + channel));
    if (e.relu) value = vector_max(vector_zero(), value);
    if (f.mask != nullptr) value = vector_where_positive(lanes.load(f.mask + at), value);
    lanes.store(y + at, value);
  });
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_FINISH_CPU_H
