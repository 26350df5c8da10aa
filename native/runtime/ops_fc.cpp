// The C ABI's bodies of fc.
#include "dropout/dropout.h"
#include "fc/fc.h"
#include "runtime/product.h"
#include "sgd/sgd.h"

using namespace alexnet;

namespace {

int64_t x_count(const FcShape& s) { return int64_t(s.N) * s.C; }
int64_t w_count(const FcShape& s) { return int64_t(s.K) * s.C; }
int64_t y_count(const FcShape& s) { return int64_t(s.N) * s.K; }

// Adds dropout of all of y to an epilogue, if there is one.
Status add_dropout(Operation& op, const FcShape& s, const DropoutShape* dropout, alexnet_buffer* settings,
                   bool training, Epilogue* epilogue) {
  if (dropout == nullptr) return {};
  ALEXNET_TRY(validate_dropout(*dropout));
  ALEXNET_REQUIRE(dropout->count == y_count(s), ALEXNET_BAD_SHAPE, "dropout has %lld elements, y[%d,%d] has not",
                  static_cast<long long>(dropout->count), s.N, s.K);
  epilogue->dropout = training ? EpilogueDropout::kTraining : EpilogueDropout::kTesting;
  epilogue->dropout_shape = *dropout;
  epilogue->settings = op.settings(settings);
  return {};
}

}  // namespace

alexnet_status alexnet_fc_fprop(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* x,
                                alexnet_buffer* w, alexnet_buffer* bias, alexnet_buffer* y, alexnet_buffer* sums,
                                int32_t accumulate, int32_t relu, const alexnet_dropout_shape* dropout,
                                alexnet_buffer* settings, int32_t training) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_fc(*shape));
    const float* const x_data = op.stored("x", x, x_count(*shape));
    const float* const w_data = op.stored("w", w, w_count(*shape));
    Epilogue epilogue = {op.input_or_null("bias", bias, shape->K), accumulate != 0, relu != 0};
    ALEXNET_TRY(add_dropout(op, *shape, dropout, settings, training != 0, &epilogue));
    float* y_data = nullptr;
    ALEXNET_TRY(product_result(op, y, sums, y_count(*shape), &epilogue, &y_data));
    return op.run<FcFprop>(*shape, x_data, w_data, y_data, epilogue);
  });
}

alexnet_status alexnet_fc_dgrad(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* dy,
                                alexnet_buffer* w, alexnet_buffer* mask, alexnet_buffer* dx) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_fc(*shape));
    const float* const dy_data = op.stored("dy", dy, y_count(*shape));
    const float* const w_data = op.stored("w", w, w_count(*shape));
    const float* const mask_data = op.stored_or_null("mask", mask, x_count(*shape));
    float* const dx_data = op.stored_output_on_peer("dx", dx, x_count(*shape));
    return op.run<FcDgrad>(*shape, dy_data, w_data, mask_data, dx_data);
  });
}

alexnet_status alexnet_fc_wgrad(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* x,
                                alexnet_buffer* dy, alexnet_buffer* dw, alexnet_buffer* db) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_fc(*shape));
    const float* const x_data = op.stored("x", x, x_count(*shape));
    const float* const dy_data = op.stored("dy", dy, y_count(*shape));
    float* const dw_data = op.output("dw", dw, w_count(*shape));
    float* const db_data = op.output_or_null("db", db, shape->K);
    return op.run<FcWgrad>(*shape, x_data, dy_data, dw_data, db_data);
  });
}

alexnet_status alexnet_fc_wgrad_update(alexnet_stream* stream, const alexnet_fc_shape* shape,
                                       const alexnet_sgd_shape* sgd, alexnet_buffer* settings, alexnet_buffer* x,
                                       alexnet_buffer* dy, alexnet_buffer* w, alexnet_buffer* v, alexnet_buffer* db) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    ALEXNET_REQUIRE(shape != nullptr && sgd != nullptr, ALEXNET_BAD_ARGUMENT, "shape is null");
    ALEXNET_TRY(validate_fc(*shape));
    ALEXNET_TRY(validate_sgd(*sgd));
    ALEXNET_REQUIRE(sgd->count == w_count(*shape), ALEXNET_BAD_SHAPE, "sgd updates %lld values, w[%d,%d] has not",
                    static_cast<long long>(sgd->count), shape->K, shape->C);
    const StepSettings* const settings_data = op.settings(settings);
    const float* const x_data = op.stored("x", x, x_count(*shape));
    const float* const dy_data = op.stored("dy", dy, y_count(*shape));
    float* const w_data = op.output("w", w, w_count(*shape));
    float* const v_data = op.output("v", v, w_count(*shape));
    float* const db_data = op.output_or_null("db", db, shape->K);
    return op.run<FcWgradUpdate>(*shape, *sgd, settings_data, x_data, dy_data, w_data, v_data, db_data);
  });
}
