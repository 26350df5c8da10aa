// finish: what becomes of a finished tile of outputs x channels (tile_cpu.h): the Epilogue of a forward pass, or the
// mask of a gradient by the input.
#ifndef ALEXNET_FINISH_CPU_H
#define ALEXNET_FINISH_CPU_H

#include <type_traits>

#include "bf16.h"
#include "epilogue.h"
#include "tile_cpu.h"

namespace alexnet {
inline namespace ALEXNET_LANES {

// What becomes of outputs, and where they lie, stored as T: float or Bf16. Mask and sums lie as y does.
template <class T>
struct Finish {
  T* y;  // null where the epilogue's sums alone are asked for
  Epilogue epilogue;
  const T* mask = nullptr;

  // The same from another output on.
  Finish from(int64_t values) const {
    Finish f = *this;
    if (y != nullptr) f.y += values;
    if (mask != nullptr) f.mask += values;
    if (epilogue.sums != nullptr) f.epilogue.sums += values;
    return f;
  }
  // Where values lie as float32, null if nowhere.
  float* wide() const {
    if constexpr (std::is_same_v<T, float>) return y;
    return epilogue.sums;
  }
};

// y = relu((accumulate ? y or sums : 0) + tile + bias) for M outputs, y_pixel values apart, and the first `columns` of
// V vectors of channels from k on; 0 where the mask is not > 0.
template <int M, int V, class T>
ALEXNET_INLINE void finish_tile(const Vector (&tile)[M][V], int64_t columns, const Finish<T>& f, int64_t y_pixel,
                                int64_t k) {
  const Epilogue& e = f.epilogue;
  float* const wide = f.wide();
  tile_each<M, V>(columns, [&](auto lanes, int i, int v) ALEXNET_INLINED {
    const int64_t channel = k + v * kLanes, at = i * y_pixel + channel;
    Vector value = e.accumulate ? vector_add(lanes.load(wide + at), tile[i][v]) : tile[i][v];
    if (e.bias != nullptr) value = vector_add(value, lanes.load(e.bias + channel));
    if (e.relu) value = vector_max(vector_zero(), value);
    if (f.mask != nullptr) value = vector_where_positive(lanes.load(f.mask + at), value);
    if (wide != nullptr) lanes.store(wide + at, value);
    if constexpr (std::is_same_v<T, Bf16>) {
      if (f.y != nullptr) lanes.store(f.y + at, value);
    }
  });
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_FINISH_CPU_H
