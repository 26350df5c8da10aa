// A shape as text, for messages: "N 128, C 48, ...".
#ifndef ALEXNET_RUNTIME_SHAPE_TEXT_H
#define ALEXNET_RUNTIME_SHAPE_TEXT_H

#include <string>

#include "common/shapes.h"
#include "common/status.h"
#include "sgd/sgd.h"

namespace alexnet {

inline std::string shape_text_of(const ConvShape& s) {
  return format_text("N %d, C %d, H %d, W %d, K %d, R %d, S %d, stride %d, pad %d, G %d%s", s.N, s.C, s.H, s.W, s.K,
                     s.R, s.S, s.stride, s.pad, s.G, s.rounding == ALEXNET_ROUND_DOWN ? ", rounded down" : "");
}
inline std::string shape_text_of(const FcShape& s) { return format_text("N %d, C %d, K %d", s.N, s.C, s.K); }
inline std::string shape_text_of(const LrnShape& s) {
  return format_text("N %d, H %d, W %d, C %d, size %d", s.N, s.H, s.W, s.C, s.size);
}
inline std::string shape_text_of(const PoolShape& s) {
  return format_text("N %d, H %d, W %d, C %d, size %d, stride %d", s.N, s.H, s.W, s.C, s.size, s.stride);
}
inline std::string shape_text_of(const LrnPoolShape& s) {
  return format_text("N %d, H %d, W %d, C %d, lrn size %d, pool size %d, stride %d", s.N, s.H, s.W, s.C, s.lrn_size,
                     s.pool_size, s.stride);
}
inline std::string shape_text_of(const ChannelsShape& s) {
  return format_text("rows %lld, x_channels %d, x_first %d, y_channels %d, y_first %d, count %d",
                     static_cast<long long>(s.rows), s.x_channels, s.x_first, s.y_channels, s.y_first, s.count);
}
inline std::string shape_text_of(const InputShape& s) {
  return s.block == 0
             ? format_text("N %d, source %d, size %d", s.N, s.source, s.size)
             : format_text("N %d, source %d, size %d, %d blocks of side %d", s.N, s.source, s.size, s.blocks, s.block);
}
inline std::string shape_text_of(const SgdUpdateShape& s) {
  return format_text("%d arrays, count %lld", s.arrays, static_cast<long long>(s.count));
}
inline std::string shape_text_of(const SoftmaxShape& s) { return format_text("N %d, C %d", s.N, s.C); }

// What a graph of launches counts as.
struct RecordedStep {
  int64_t launches;
};
inline std::string shape_text_of(const RecordedStep& s) {
  return format_text("%lld launches; ALEXNET_GRAPH=off names them", static_cast<long long>(s.launches));
}

// Families of flat arrays, and the column sums of bias.
template <class Shape>
auto shape_text_of(const Shape& s) -> decltype(s.count, std::string()) {
  return format_text("count %lld", static_cast<long long>(s.count));
}
template <class Shape>
auto shape_text_of(const Shape& s) -> decltype(s.rows, std::string()) {
  return format_text("rows %lld, K %d", static_cast<long long>(s.rows), s.K);
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_SHAPE_TEXT_H
