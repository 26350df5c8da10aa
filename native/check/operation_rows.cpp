// operation_rows: the operands, calls and references of all operations.
#include "check/operation_rows.h"

#include <cstring>
#include <random>
#include <utility>

#include "add/add.h"
#include "bias/bias.h"
#include "channels/channels.h"
#include "conv/conv.h"
#include "dropout/dropout.h"
#include "fc/fc.h"
#include "input/input.h"
#include "local/local.h"
#include "lrn/lrn.h"
#include "lrn_map/lrn_map.h"
#include "lrn_pool/lrn_pool.h"
#include "pool/pool.h"
#include "relu/relu.h"
#include "sgd/sgd.h"
#include "sigmoid/sigmoid.h"
#include "softmax/softmax.h"
#include "tanh/tanh.h"

namespace alexnet::check {
namespace {

Bytes bytes_of(const void* data, size_t size) {
  Bytes bytes(size);
  std::memcpy(bytes.data(), data, size);
  return bytes;
}

// Floats in (0, 1), others in each call.
Operand floats(const char* name, int64_t count, Use use = Use::kRead, std::vector<int> may_be = {}) {
  static std::mt19937 generator(1);
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back((float(generator() >> 8) + 1) / 16777217.f);
  return {name, 4, bytes_of(values.data(), values.size() * 4), use, std::move(may_be)};
}

// A mask, positive for every third element.
Operand signs(const char* name, int64_t count) {
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(i % 3 == 0 ? 1.f : i % 3 == 1 ? 0.f : -1.f);
  return {name, 4, bytes_of(values.data(), values.size() * 4), Use::kOptional, {}};
}

// As floats, every third value negated.
Operand both_signs(const char* name, int64_t count) {
  Operand operand = floats(name, count);
  for (size_t i = 3; i < operand.bytes.size(); i += 12) operand.bytes[i] ^= 0x80;
  return operand;
}

Operand written(const char* name, int64_t count, std::vector<int> may_be = {}) {
  return floats(name, count, Use::kWritten, std::move(may_be));
}

Operand bf16_written(const char* name, int64_t count) {
  return {name, 2, Bytes(size_t(count) * 2, 1), Use::kWritten, {}};
}

Operand ints(const char* name, const std::vector<int32_t>& values) {
  return {name, 4, bytes_of(values.data(), values.size() * 4), Use::kRead, {}};
}

// Step 2, rates .1 and .2, momentum .9, the first slot.
constexpr StepSettings kSettings = {2, .1f, .2f, .9f, 0};
Operand settings() { return {"settings", 1, bytes_of(&kSettings, sizeof kSettings), Use::kRead, {}}; }

template <class Shape>
struct Shapes {
  Shape good, bad;
  const Shape* operator()(ShapeArgument which) const {
    return which == ShapeArgument::kNull ? nullptr : which == ShapeArgument::kBad ? &bad : &good;
  }
};

}  // namespace

std::vector<Operation> local_operations() {
  static const Shapes<ConvShape> local = {{2, 3, 4, 5, 4, 3, 2, 1, 1, 1}, {2, 4, 4, 5, 4, 3, 2, 1, 1, 2}};
  const int64_t x = conv_x_count(local.good), y = conv_y_count(local.good);
  const int64_t w = local_w_count(local.good), bias = local_bias_count(local.good);
  return {
      {"alexnet_local_fprop",
       {floats("x", x), floats("w", w), floats("bias", bias, Use::kOptional), written("y", y)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_local_fprop(stream, local(s), b[0], b[1], b[2], b[3], nullptr, 1, 0);
       },
       [](Host h) { local_fprop_reference<float>(local.good, h[0], h[1], h[2], h[3], true, false); },
       "2 groups; there are none",
       true,
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_local_fprop(stream, local(s), b[0], b[1], b[2], b[3], b[4], 1, 0);
       }},
      {"alexnet_local_dgrad",
       {floats("dy", y), floats("w", w), signs("mask", x), written("dx", x)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_local_dgrad(stream, local(s), b[0], b[1], b[2], b[3]);
       },
       [](Host h) { local_dgrad_reference<float>(local.good, h[0], h[1], h[2], h[3]); },
       "2 groups; there are none"},
      {"alexnet_local_wgrad",
       {floats("x", x), floats("dy", y), written("dw", w), floats("db", bias, Use::kWrittenOptional)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_local_wgrad(stream, local(s), b[0], b[1], b[2], b[3]);
       },
       [](Host h) { local_wgrad_reference<float>(local.good, h[0], h[1], h[2], h[3]); },
       "2 groups; there are none"},
  };
}

std::vector<Operation> weighted_operations() {
  static const Shapes<ConvShape> conv = {{2, 4, 4, 5, 6, 3, 2, 1, 1, 2}, {2, 4, 4, 5, 6, 3, 2, 1, 1, 3}};
  static const Shapes<FcShape> fc = {{3, 5, 4}, {3, 0, 4}};
  static const DropoutShape dropout = {12, 7, 9, 1, .5f}, too_few = {11, 7, 9, 1, .5f};
  static const SgdShape sgd = {20, .5f, .01f, ALEXNET_RATE_BIAS}, too_many = {21, .5f, .01f, ALEXNET_RATE_BIAS};
  const int64_t x = conv_x_count(conv.good), w = conv_w_count(conv.good), y = conv_y_count(conv.good);
  return {
      {"alexnet_conv_fprop",
       {floats("x", x), floats("w", w), floats("bias", 6, Use::kOptional), written("y", y)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_conv_fprop(stream, conv(s), b[0], b[1], b[2], b[3], nullptr, 1, 0);
       },
       [](Host h) { conv_fprop_reference<float>(conv.good, h[0], h[1], h[2], h[3], true, false); },
       "3 groups do not divide C=4",
       true,
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_conv_fprop(stream, conv(s), b[0], b[1], b[2], b[3], b[4], 1, 0);
       }},
      {"alexnet_conv_dgrad",
       {floats("dy", y), floats("w", w), signs("mask", x), written("dx", x)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_conv_dgrad(stream, conv(s), b[0], b[1], b[2], b[3]);
       },
       [](Host h) { conv_dgrad_reference<float>(conv.good, h[0], h[1], h[2], h[3]); },
       "3 groups do not divide C=4"},
      {"alexnet_conv_wgrad",
       {floats("x", x), floats("dy", y), written("dw", w), floats("db", 6, Use::kWrittenOptional)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_conv_wgrad(stream, conv(s), b[0], b[1], b[2], b[3]);
       },
       [](Host h) { conv_wgrad_reference<float>(conv.good, h[0], h[1], h[2], h[3]); },
       "3 groups do not divide C=4"},
      {"alexnet_fc_fprop",
       {floats("x", 15), floats("w", 20), floats("bias", 4, Use::kOptional), written("y", 12)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_fc_fprop(stream, fc(s), b[0], b[1], b[2], b[3], nullptr, 0, 1, nullptr, nullptr, 0);
       },
       [](Host h) { fc_fprop_reference<float>(fc.good, h[0], h[1], h[2], h[3], false, true); },
       "x[3,0]"},
      {"alexnet_fc_fprop",
       {settings(), floats("x", 15), floats("w", 20), floats("bias", 4, Use::kOptional), written("y", 12)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_fc_fprop(stream, fc(s == ShapeArgument::kBad ? ShapeArgument::kGood : s), b[1], b[2], b[3],
                                 b[4], nullptr, 1, 0, s == ShapeArgument::kBad ? &too_few : &dropout, b[0], 1);
       },
       [](Host h) {
         fc_fprop_reference<float>(fc.good, h[1], h[2], h[3], h[4], true, false);
         dropout_fprop_reference<float>(dropout, kSettings.step, h[4], h[4], true);
       },
       "dropout has 11 elements",
       true,
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_fc_fprop(stream, fc(s == ShapeArgument::kBad ? ShapeArgument::kGood : s), b[1], b[2], b[3],
                                 b[4], b[5], 1, 0, s == ShapeArgument::kBad ? &too_few : &dropout, b[0], 1);
       }},
      {"alexnet_fc_dgrad",
       {floats("dy", 12), floats("w", 20), signs("mask", 15), written("dx", 15)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_fc_dgrad(stream, fc(s), b[0], b[1], b[2], b[3]);
       },
       [](Host h) { fc_dgrad_reference<float>(fc.good, h[0], h[1], h[2], h[3]); },
       "x[3,0]"},
      {"alexnet_fc_wgrad",
       {floats("x", 15), floats("dy", 12), written("dw", 20), floats("db", 4, Use::kWrittenOptional)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_fc_wgrad(stream, fc(s), b[0], b[1], b[2], b[3]);
       },
       [](Host h) { fc_wgrad_reference<float>(fc.good, h[0], h[1], h[2], h[3]); },
       "x[3,0]"},
      {"alexnet_fc_wgrad_update",
       {settings(), floats("x", 15), floats("dy", 12), written("w", 20), written("v", 20),
        floats("db", 4, Use::kWrittenOptional)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_fc_wgrad_update(stream, fc(s == ShapeArgument::kBad ? ShapeArgument::kGood : s),
                                        s == ShapeArgument::kBad ? &too_many : &sgd, b[0], b[1], b[2], b[3], b[4],
                                        b[5]);
       },
       [](Host h) { fc_wgrad_update_reference<float>(fc.good, sgd, kSettings, h[1], h[2], h[3], h[4], h[5]); },
       "sgd updates 21 values"},
      {"alexnet_bias_grad",
       {floats("dy", 35), written("db", 5)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_bias_grad(stream, s == ShapeArgument::kBad ? 0 : 7, 5, b[0], b[1]);
       },
       [](Host h) {
         bias_grad_reference<float>({7, 5}, h[0], h[1]);
       },
       "dy[0,5]",
       false},
      {"alexnet_sgd_update",
       {settings(), written("w[0]", 20), written("v[0]", 20), floats("g[0]", 20), written("w[1]", 9),
        written("v[1]", 9), floats("g[1]", 9)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         alexnet_sgd_array arrays[2] = {{sgd, b[1], b[2], b[3]},
                                        {{9, 1.f, 0.f, ALEXNET_RATE_WEIGHT}, b[4], b[5], b[6]}};
         if (s == ShapeArgument::kBad) arrays[1].shape.count = 0;
         return alexnet_sgd_update(stream, arrays, 2, b[0]);
       },
       [](Host h) {
         sgd_update_reference<float>(sgd, kSettings, h[1], h[2], h[3]);
         sgd_update_reference<float>({9, 1.f, 0.f, ALEXNET_RATE_WEIGHT}, kSettings, h[4], h[5], h[6]);
       },
       "count is 0",
       false},
  };
}

std::vector<Operation> unweighted_operations() {
  static const Shapes<LrnShape> lrn = {{2, 2, 3, 6, 5, 1.f, .5f, .75f}, {2, 2, 3, 6, 4, 1.f, .5f, .75f}};
  static const Shapes<ChannelsShape> channels = {{6, 7, 2, 5, 1, 3}, {6, 7, 5, 5, 1, 3}};
  static const Shapes<PoolShape> pool = {{2, 5, 4, 3, 3, 2, 0, 0}, {2, 5, 4, 3, 5, 2, 0, 0}};
  static const Shapes<LrnPoolShape> fused = {{2, 5, 4, 6, 5, 1.f, .5f, .75f, 3, 2, 0, 1},
                                             {2, 5, 4, 6, 4, 1.f, .5f, .75f, 3, 2, 0, 1}};
  const int64_t fused_x = pool_x_count(pool_of(fused.good)), fused_y = pool_y_count(pool_of(fused.good));
  static const Shapes<DropoutShape> dropout = {{50, 3, 9, 1, .5f}, {0, 3, 9, 1, .5f}};
  const int64_t planes = lrn_count(lrn.good), x = pool_x_count(pool.good), y = pool_y_count(pool.good);
  return {
      {"alexnet_relu_fprop",
       {floats("x", 9), written("y", 9, {0})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_relu_fprop(stream, s == ShapeArgument::kBad ? -1 : 9, b[0], b[1]);
       },
       [](Host h) { relu_fprop_reference<float>({9}, h[0], h[1]); },
       "count is -1",
       false},
      {"alexnet_relu_bprop",
       {floats("y", 9), floats("dy", 9), written("dx", 9, {0, 1})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_relu_bprop(stream, s == ShapeArgument::kBad ? -1 : 9, b[0], b[1], b[2]);
       },
       [](Host h) { relu_bprop_reference<float>({9}, h[0], h[1], h[2]); },
       "count is -1",
       false},
      {"alexnet_tanh_fprop",
       {floats("x", 9), written("y", 9, {0})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_tanh_fprop(stream, s == ShapeArgument::kBad ? -1 : 9, b[0], b[1]);
       },
       [](Host h) { tanh_fprop_reference<float>({9}, h[0], h[1]); },
       "count is -1",
       false},
      {"alexnet_sigmoid_fprop",
       {floats("x", 9), written("y", 9, {0})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_sigmoid_fprop(stream, s == ShapeArgument::kBad ? -1 : 9, b[0], b[1]);
       },
       [](Host h) { sigmoid_fprop_reference<float>({9}, h[0], h[1]); },
       "count is -1",
       false},
      {"alexnet_tanh_bprop",
       {floats("y", 9), floats("dy", 9), written("dx", 9, {0, 1})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_tanh_bprop(stream, s == ShapeArgument::kBad ? -1 : 9, b[0], b[1], b[2]);
       },
       [](Host h) { tanh_bprop_reference<float>({9}, h[0], h[1], h[2]); },
       "count is -1",
       false},
      {"alexnet_sigmoid_bprop",
       {floats("y", 9), floats("dy", 9), written("dx", 9, {0, 1})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_sigmoid_bprop(stream, s == ShapeArgument::kBad ? -1 : 9, b[0], b[1], b[2]);
       },
       [](Host h) { sigmoid_bprop_reference<float>({9}, h[0], h[1], h[2]); },
       "count is -1",
       false},
      {"alexnet_lrn_fprop",
       {floats("x", planes), written("y", planes)},
       [](auto* stream, const Buffers& b, ShapeArgument s) { return alexnet_lrn_fprop(stream, lrn(s), b[0], b[1]); },
       [](Host h) { lrn_fprop_reference<float>(lrn.good, h[0], h[1]); },
       "size is 4"},
      {"alexnet_lrn_bprop",
       {floats("x", planes), floats("dy", planes), written("dx", planes)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_lrn_bprop(stream, lrn(s), b[0], b[1], b[2]);
       },
       [](Host h) { lrn_bprop_reference<float>(lrn.good, h[0], h[1], h[2]); },
       "size is 4"},
      {"alexnet_lrn_map_fprop",
       {floats("x", planes), written("y", planes)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_lrn_map_fprop(stream, lrn(s), b[0], b[1]);
       },
       [](Host h) { lrn_map_fprop_reference<float>(lrn.good, h[0], h[1]); },
       "size is 4"},
      {"alexnet_lrn_map_bprop",
       {floats("x", planes), floats("dy", planes), written("dx", planes)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_lrn_map_bprop(stream, lrn(s), b[0], b[1], b[2]);
       },
       [](Host h) { lrn_map_bprop_reference<float>(lrn.good, h[0], h[1], h[2]); },
       "size is 4"},
      {"alexnet_channels_copy",
       {floats("x", 42), written("y", 30)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_channels_copy(stream, channels(s), b[0], b[1]);
       },
       [](Host h) { channels_copy_reference<float>(channels.good, h[0], h[1]); },
       "3 channels from 5 on do not lie in the 7 of x"},
      {"alexnet_pool_fprop",
       {floats("x", x), written("y", y)},
       [](auto* stream, const Buffers& b, ShapeArgument s) { return alexnet_pool_fprop(stream, pool(s), b[0], b[1]); },
       [](Host h) { pool_fprop_reference<float>(pool.good, h[0], h[1]); },
       "size is 5"},
      {"alexnet_pool_bprop",
       {floats("x", x), floats("y", y), floats("dy", y), written("dx", x)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_pool_bprop(stream, pool(s), b[0], b[1], b[2], b[3]);
       },
       [](Host h) { pool_bprop_reference<float>(pool.good, h[0], h[1], h[2], h[3]); },
       "size is 5"},
      {"alexnet_dropout_fprop",
       {settings(), floats("x", 50), written("y", 50, {1})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_dropout_fprop(stream, dropout(s), b[0], b[1], b[2], 1);
       },
       [](Host h) { dropout_fprop_reference<float>(dropout.good, 2, h[1], h[2], true); },
       "count is 0"},
      {"alexnet_dropout_fprop",
       {settings(), floats("x", 50), written("y", 50, {1})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_dropout_fprop(stream, dropout(s), b[0], b[1], b[2], 0);
       },
       [](Host h) { dropout_fprop_reference<float>(dropout.good, 2, h[1], h[2], false); },
       "count is 0"},
      {"alexnet_dropout_bprop",
       {settings(), floats("dy", 50), written("dx", 50, {1})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_dropout_bprop(stream, dropout(s), b[0], b[1], b[2]);
       },
       [](Host h) { dropout_bprop_reference<float>(dropout.good, 2, h[1], h[2]); },
       "count is 0"},
      {"alexnet_lrn_pool_fprop",
       {both_signs("x", fused_x), written("y", fused_y), floats("y_peer", fused_y, Use::kWrittenOptional)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_lrn_pool_fprop(stream, fused(s), b[0], b[1], b[2]);
       },
       [](Host h) {
         lrn_pool_fprop_reference<float>(fused.good, h[0], h[1]);
         lrn_pool_fprop_reference<float>(fused.good, h[0], h[2]);
       },
       "size is 4"},
      {"alexnet_lrn_pool_bprop",
       {both_signs("x", fused_x), floats("dy", fused_y), written("dx", fused_x)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_lrn_pool_bprop(stream, fused(s), b[0], b[1], b[2]);
       },
       [](Host h) { lrn_pool_bprop_reference<float>(fused.good, h[0], h[1], h[2]); },
       "size is 4"},
      {"alexnet_add_parameters",
       {floats("a", 9), floats("b", 9), written("y", 9, {0, 1})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_add_parameters(stream, s == ShapeArgument::kBad ? 0 : 9, b[0], b[1], b[2]);
       },
       [](Host h) { add_fprop_reference<float>({9}, h[0], h[1], nullptr, h[2]); },
       "count is 0",
       false},
      {"alexnet_cast",
       {floats("x", 9), bf16_written("y", 9)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_cast(stream, s == ShapeArgument::kBad ? 0 : 9, b[0], b[1]);
       },
       [](Host h) {
         for (size_t i = 0; i < 9; ++i) h.bf16(1)[i] = Bf16(h[0][i]);
       },
       "count is 0",
       false},
      {"alexnet_add",
       {floats("a", 9), floats("b", 9), signs("mask", 9), written("y", 9, {0, 1, 2})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_add(stream, s == ShapeArgument::kBad ? 0 : 9, b[0], b[1], b[2], b[3]);
       },
       [](Host h) { add_fprop_reference<float>({9}, h[0], h[1], h[2], h[3]); },
       "count is 0",
       false},
  };
}

std::vector<Operation> operations_at_the_ends() {
  static const Shapes<SoftmaxShape> softmax = {{3, 7}, {3, 0}};
  static const Shapes<InputShape> input = {{2, 5, 3, ALEXNET_MEAN_PIXEL, 2, 3, 2},
                                           {2, 5, 6, ALEXNET_MEAN_PIXEL, 0, 0, 2}};
  Operand images = ints("images", std::vector<int32_t>(75));  // 2 slots of 2*5*5*3 = 150 bytes
  images.element_bytes = 1;
  images.bytes.resize(300);
  for (size_t i = 0; i < 300; ++i) images.bytes[i] = static_cast<unsigned char>(i * 37);
  return {
      {"alexnet_softmax_fprop",
       {floats("logits", 21), written("probabilities", 21, {0})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_softmax_fprop(stream, softmax(s), b[0], b[1]);
       },
       [](Host h) { softmax_fprop_reference<float>(softmax.good, h[0], h[1]); },
       "logits[3,0]"},
      {"alexnet_softmax_metrics",
       {floats("probabilities", 21), ints("labels", {6, 0, 3}), written("metrics", 9)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_softmax_metrics(stream, softmax(s), b[0], b[1], b[2]);
       },
       [](Host h) { softmax_metrics_reference<float>(softmax.good, h[0], h.int32(1), h[2]); },
       "logits[3,0]"},
      {"alexnet_softmax_bprop",
       {floats("probabilities", 21), ints("labels", {6, 0, 3}), written("dlogits", 21, {0})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_softmax_bprop(stream, softmax(s), b[0], b[1], .25f, b[2]);
       },
       [](Host h) { softmax_bprop_reference<float>(softmax.good, h[0], h.int32(1), .25f, h[2]); },
       "logits[3,0]"},
      {"alexnet_softmax_loss",
       {floats("logits", 21), ints("labels", {6, 0, 3}), written("probabilities", 21, {0}), written("metrics", 9),
        floats("dlogits", 21, Use::kWrittenOptional, {0})},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_softmax_loss(stream, softmax(s), b[0], b[1], .25f, b[2], b[3], b[4]);
       },
       [](Host h) {
         softmax_fprop_reference<float>(softmax.good, h[0], h[2]);
         softmax_metrics_reference<float>(softmax.good, h[2], h.int32(1), h[3]);
         softmax_bprop_reference<float>(softmax.good, h[2], h.int32(1), .25f, h[4]);
       },
       "logits[3,0]"},
      {"alexnet_input_fprop",
       {settings(), images, ints("crops", {1, 2, 1, 0, 1, 0}), floats("mean", 75), floats("noise", 8, Use::kOptional),
        written("x", 216)},
       [](auto* stream, const Buffers& b, ShapeArgument s) {
         return alexnet_input_fprop(stream, input(s), b[0], b[1], b[2], b[3], b[4], b[5]);
       },
       [](Host h) {
         input_fprop_reference<float>(input.good, kSettings, h.all[1].data(), h.int32(2), h[3], h[4], h[5]);
       },
       "size is 6"},
  };
}

}  // namespace alexnet::check
