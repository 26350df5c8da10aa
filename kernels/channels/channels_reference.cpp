// Reference of channels: the formula of channels.h as plain loops.
#include "channels/channels.h"

namespace alexnet {

template <class Real>
void channels_copy_reference(const ChannelsShape& s, const Real* x, Real* y) {
  for (int64_t row = 0; row < s.rows; ++row) {
    for (int32_t j = 0; j < s.count; ++j) {
      y[row * s.y_channels + s.y_first + j] = x[row * s.x_channels + s.x_first + j];
    }
  }
}

template void channels_copy_reference<float>(const ChannelsShape&, const float*, float*);
template void channels_copy_reference<double>(const ChannelsShape&, const double*, double*);

}  // namespace alexnet
