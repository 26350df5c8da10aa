// widened: a product's pass in bf16 by a variant for float32. What is stored as bf16 is widened into the workspace,
// which rounds nothing, the float32 variant runs there, and its result is rounded once. On a GPU with tensor cores
// these (gemm_mma_bf16.cuh) go first; what is widened are shapes that they do not take.
//
// A family's *_widened.cu and *_widened_cpu.cpp include widening.cuh or widening_cpu.h, which define convert for their
// kind, then the family's *_widened.h, which has its passes and registers them.
#ifndef ALEXNET_WIDENED_H
#define ALEXNET_WIDENED_H

#include <string>

#include "common/bf16.h"
#include "common/epilogue.h"
#include "common/variant.h"

namespace alexnet {
namespace {

// The variant for float32 that a shape gets. No preference depends on a GPU's capability, which is not known where a
// workspace is asked for.
template <class Pass>
const Variant<Pass>* float_variant(const typename Pass::Shape& shape) {
  std::string why;
  return choose<Pass>({kCompiledKind, 0, Precision::kFp32}, shape, Forced{}, &why);
}

template <class Pass>
int prefer_widened(const typename Pass::Shape& shape, const Target&) {
  // On the emulator it is quicker than tensor cores, all of whose lanes meet at each product.
  constexpr int kPreference = kCompiledKind == Kind::kEmu ? 2 : 1;
  return float_variant<Pass>(shape) == nullptr ? 0 : kPreference;
}

constexpr int64_t widened_bytes(int64_t count) {
  constexpr int64_t kAlignment = 256;  // as a workspace has
  return (count * int64_t(sizeof(float)) + kAlignment - 1) / kAlignment * kAlignment;
}

// Of a pass that widens so many values of each of its tensors.
template <class Pass, class... Counts>
int64_t widened_workspace(const typename Pass::Shape& shape, Counts... counts) {
  const Variant<Pass>* const variant = float_variant<Pass>(shape);
  return (widened_bytes(counts) + ...) + (variant == nullptr ? 0 : variant->workspace(shape));
}

// Takes a workspace apart, from its start on.
class Widened {
 public:
  explicit Widened(const Stream& stream) : rest_(stream) { rest_.target.precision = Precision::kFp32; }

  // Memory for a result.
  float* memory(int64_t count) {
    float* const taken = static_cast<float*>(rest_.workspace);
    rest_.workspace = static_cast<char*>(rest_.workspace) + widened_bytes(count);
    rest_.workspace_bytes -= widened_bytes(count);
    return taken;
  }
  // What is stored at `from` as float32; null if that is.
  Status widen(const float* from, int64_t count, const float** to) {
    float* const memory_of_it = memory(count);
    *to = from == nullptr ? nullptr : memory_of_it;
    return from == nullptr ? Status() : convert(count, as_bf16(from), memory_of_it, rest_);
  }
  Status narrow(const float* from, int64_t count, float* to) { return convert(count, from, as_bf16(to), rest_); }
  // For the float32 variant: what is left of the workspace.
  const Stream& rest() const { return rest_; }

 private:
  Stream rest_;
};

// A way forward: y = the Epilogue of the product, by launch(float32 launcher, x, w, y, epilogue, stream). With an
// epilogue's sums the float32 result stays there, and y may be null.
template <class Pass, class Shape>
Status fprop_widened(const Shape& s, const float* x, int64_t x_count, const float* w, int64_t w_count, float* y,
                     int64_t y_count, Epilogue epilogue, Stream stream) {
  Widened widened(stream);
  const float *x_wide = nullptr, *w_wide = nullptr;
  ALEXNET_TRY(widened.widen(x, x_count, &x_wide));
  ALEXNET_TRY(widened.widen(w, w_count, &w_wide));
  float* const memory = widened.memory(y_count);
  float* const y_wide = epilogue.sums != nullptr ? epilogue.sums : memory;
  epilogue.sums = nullptr;
  ALEXNET_TRY(float_variant<Pass>(s)->launch(s, x_wide, w_wide, y_wide, epilogue, widened.rest()));
  return y == nullptr ? Status() : widened.narrow(y_wide, y_count, y);
}

template <class Pass, class Shape>
Status dgrad_widened(const Shape& s, const float* dy, int64_t y_count, const float* w, int64_t w_count,
                     const float* mask, float* dx, int64_t x_count, Stream stream) {
  Widened widened(stream);
  const float *dy_wide = nullptr, *w_wide = nullptr, *mask_wide = nullptr;
  ALEXNET_TRY(widened.widen(dy, y_count, &dy_wide));
  ALEXNET_TRY(widened.widen(w, w_count, &w_wide));
  ALEXNET_TRY(widened.widen(mask, x_count, &mask_wide));
  float* const dx_wide = widened.memory(x_count);
  ALEXNET_TRY(float_variant<Pass>(s)->launch(s, dy_wide, w_wide, mask_wide, dx_wide, widened.rest()));
  return widened.narrow(dx_wide, x_count, dx);
}

// A way back to weights, whose gradients are float32: launch(float32 launcher, x, dy, stream).
template <class Pass, class Shape, class Launch>
Status wgrad_widened(const Shape& s, const float* x, int64_t x_count, const float* dy, int64_t y_count, Stream stream,
                     const Launch& launch) {
  Widened widened(stream);
  const float *x_wide = nullptr, *dy_wide = nullptr;
  ALEXNET_TRY(widened.widen(x, x_count, &x_wide));
  ALEXNET_TRY(widened.widen(dy, y_count, &dy_wide));
  return launch(float_variant<Pass>(s)->launch, x_wide, dy_wide, widened.rest());
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_WIDENED_H
