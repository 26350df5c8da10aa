// channels rows: neighbouring channels from one plane into another, row by row.
// Math     channels.h.
// Cost     8 bytes per value, in bf16 4; bound by memory.
// Launch   threads divide the rows.
// Valid    any shape. The same bits as every other variant.
// Measured not measured
#include <algorithm>

#include "channels/channels.h"
#include "common/bf16.h"
#include "common/parallel_cpu.h"

namespace alexnet {
namespace {

template <class T>
void copy_rows(const ChannelsShape& s, const T* x, T* y, Stream stream) {
  parallel_for(stream.cores, s.rows, 1, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      const T* const from = x + row * s.x_channels + s.x_first;
      std::copy(from, from + s.count, y + row * s.y_channels + s.y_first);
    }
  });
}

Status launch_copy_rows(const ChannelsShape& s, const float* x, float* y, Stream stream) {
  copy_rows(s, x, y, stream);
  return {};
}

Status launch_copy_bf16(const ChannelsShape& s, const float* x, float* y, Stream stream) {
  copy_rows(s, as_bf16(x), as_bf16(y), stream);
  return {};
}

}  // namespace

ALEXNET_VARIANT(ChannelsCopy, "rows", prefers<2>, launch_copy_rows)
ALEXNET_VARIANT_OF(Precision::kBf16, ChannelsCopy, "rows_bf16", prefers<2>, launch_copy_bf16)

}  // namespace alexnet
