// The C ABI's bodies of fc.
#include "fc/fc.h"
#include "runtime/operation.h"

using namespace alexnet;

namespace {

int64_t x_count(const FcShape& s) { return int64_t(s.N) * s.C; }
int64_t w_count(const FcShape& s) { return int64_t(s.K) * s.C; }
int64_t y_count(const FcShape& s) { return int64_t(s.N) * s.K; }

}  // namespace

alexnet_status alexnet_fc_fprop(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* x,
                                alexnet_buffer* w, alexnet_buffer* bias, alexnet_buffer* y, int32_t accumulate,
                                int32_t relu) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_fc(*shape));
    const float* const x_data = op.input("x", x, x_count(*shape));
    const float* const w_data = op.input("w", w, w_count(*shape));
    const Epilogue epilogue = {op.input_or_null("bias", bias, shape->K), accumulate != 0, relu != 0};
    float* const y_data = op.output("y", y, y_count(*shape));
    return op.run<FcFprop>(*shape, x_data, w_data, y_data, epilogue);
  });
}

alexnet_status alexnet_fc_dgrad(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* dy,
                                alexnet_buffer* w, alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_fc(*shape));
    const float* const dy_data = op.input("dy", dy, y_count(*shape));
    const float* const w_data = op.input("w", w, w_count(*shape));
    float* const dx_data = op.output("dx", dx, x_count(*shape));
    return op.run<FcDgrad>(*shape, dy_data, w_data, dx_data);
  });
}

alexnet_status alexnet_fc_wgrad(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* x,
                                alexnet_buffer* dy, alexnet_buffer* dw) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_fc(*shape));
    const float* const x_data = op.input("x", x, x_count(*shape));
    const float* const dy_data = op.input("dy", dy, y_count(*shape));
    float* const dw_data = op.output("dw", dw, w_count(*shape));
    return op.run<FcWgrad>(*shape, x_data, dy_data, dw_data);
  });
}
