// The C ABI's bodies of local.
#include "local/local.h"
#include "runtime/product.h"

using namespace alexnet;

alexnet_status alexnet_local_fprop(alexnet_stream* stream, const alexnet_conv_shape* shape, alexnet_buffer* x,
                                   alexnet_buffer* w, alexnet_buffer* bias, alexnet_buffer* y, alexnet_buffer* sums,
                                   int32_t accumulate, int32_t relu) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_local(*shape));
    const float* const x_data = op.stored("x", x, conv_x_count(*shape));
    const float* const w_data = op.stored("w", w, local_w_count(*shape));
    Epilogue epilogue = {op.input_or_null("bias", bias, local_bias_count(*shape)), accumulate != 0, relu != 0};
    float* y_data = nullptr;
    ALEXNET_TRY(product_result(op, y, sums, conv_y_count(*shape), &epilogue, &y_data));
    return op.run<LocalFprop>(*shape, x_data, w_data, y_data, epilogue);
  });
}

alexnet_status alexnet_local_dgrad(alexnet_stream* stream, const alexnet_conv_shape* shape, alexnet_buffer* dy,
                                   alexnet_buffer* w, alexnet_buffer* mask, alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_local(*shape));
    const float* const dy_data = op.stored("dy", dy, conv_y_count(*shape));
    const float* const w_data = op.stored("w", w, local_w_count(*shape));
    const float* const mask_data = op.stored_or_null("mask", mask, conv_x_count(*shape));
    float* const dx_data = op.stored_output_on_peer("dx", dx, conv_x_count(*shape));
    return op.run<LocalDgrad>(*shape, dy_data, w_data, mask_data, dx_data);
  });
}

alexnet_status alexnet_local_wgrad(alexnet_stream* stream, const alexnet_conv_shape* shape, alexnet_buffer* x,
                                   alexnet_buffer* dy, alexnet_buffer* dw, alexnet_buffer* db) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_local(*shape));
    const float* const x_data = op.stored("x", x, conv_x_count(*shape));
    const float* const dy_data = op.stored("dy", dy, conv_y_count(*shape));
    float* const dw_data = op.output("dw", dw, local_w_count(*shape));
    float* const db_data = op.output_or_null("db", db, local_bias_count(*shape));
    return op.run<LocalWgrad>(*shape, x_data, dy_data, dw_data, db_data);
  });
}
