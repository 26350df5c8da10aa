// conv on the CPU in each precision: the bits of float32's panels, given factors that were rounded or widened before.
#include "common/factors_check.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

// One image and several; channels below, at and above a tile of either width, and what no vector divides; strides,
// groups.
std::string conv_panels_multiply_the_factors_of_a_precision() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  const std::vector<ConvShape> shapes = {{1, 3, 31, 29, 48, 11, 11, 4, 0, 1},
                                         {5, 48, 9, 7, 50, 5, 5, 1, 2, 1},
                                         {2, 34, 6, 6, 130, 3, 3, 1, 1, 2},
                                         {17, 5, 5, 4, 17, 3, 3, 2, 1, 1}};
  for (const Precision precision : kPrecisions) {
    for (const ConvShape& s : shapes) {
      const Tensor x(precision, conv_x_count(s), 1), dy(precision, conv_y_count(s), 2),
          w(precision, conv_w_count(s), 3);
      Floats bias;
      for (const double v : random_values(s.K, 4)) bias.push_back(float(v));
      std::string wrong = same_as_of_factors<ConvFprop>(
          precision, s, conv_y_count(s), true, [&](const Variant<ConvFprop>& v, bool own, float* y) {
            return v.launch(s, x.of(own), w.of(own), y, Epilogue{bias.data(), false, true}, stream);
          });
      if (!wrong.empty()) return wrong;
      wrong = same_as_of_factors<ConvDgrad>(precision, s, conv_x_count(s), true,
                                            [&](const Variant<ConvDgrad>& v, bool own, float* dx) {
                                              return v.launch(s, dy.of(own), w.of(own), x.of(own), dx, stream);
                                            });
      if (!wrong.empty()) return wrong;
      wrong = same_as_of_factors<ConvWgrad>(precision, s, conv_w_count(s), false,
                                            [&](const Variant<ConvWgrad>& v, bool own, float* dw) {
                                              return v.launch(s, x.of(own), dy.of(own), dw, nullptr, stream);
                                            });
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

// In bf16 a layer of two planes keeps float32 sums of the first, and rounds those of both once; they stay there, too.
std::string conv_panels_round_the_sum_of_planes_once() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  const ConvShape s = {3, 20, 6, 5, 50, 3, 3, 1, 1, 2};
  const Tensor x(Precision::kBf16, conv_x_count(s), 1), w(Precision::kBf16, conv_w_count(s), 2);
  Floats bias;
  for (const double v : random_values(s.K, 3)) bias.push_back(float(v));
  Floats sums(size_t(conv_y_count(s)));
  const std::string wrong = same_as_of_factors<ConvFprop>(
      Precision::kBf16, s, conv_y_count(s), true, [&](const Variant<ConvFprop>& v, bool own, float* y) -> Status {
        const float *a = own ? x.memory.data() : x.factors.data(), *b = own ? w.memory.data() : w.factors.data();
        Epilogue first, second = {bias.data(), true, true};
        if (own) first.sums = second.sums = sums.data();
        ALEXNET_TRY(v.launch(s, a, b, own ? nullptr : y, first, stream));
        ALEXNET_TRY(v.launch(s, a, b, y, second, stream));
        if (own) return {};
        ALEXNET_REQUIRE(std::memcmp(sums.data(), y, sums.size() * sizeof(float)) == 0, ALEXNET_INTERNAL, "other sums");
        return {};
      });
  return wrong;
}

// By values, and by four where they divide so.
std::string conv_tensor_cores_round_the_sum_of_planes_once() {
  for (const ConvShape& s : {ConvShape{2, 24, 5, 7, 40, 3, 3, 1, 1, 1}, ConvShape{2, 24, 5, 7, 5, 3, 3, 1, 1, 1}}) {
    const Tensor x(Precision::kBf16, conv_x_count(s), 1), w(Precision::kBf16, conv_w_count(s), 2);
    const std::string wrong = tensor_cores_round_once<ConvFprop>(
        s, conv_y_count(s), [&](const Variant<ConvFprop>& v, float* y, const Epilogue& e, const Stream& stream) {
          return v.launch(s, x.of(true), w.of(true), y, e, stream);
        });
    if (!wrong.empty()) return wrong;
  }
  return "";
}

ALEXNET_UNIT_TEST("conv", conv_tensor_cores_round_the_sum_of_planes_once)
ALEXNET_UNIT_TEST("conv", conv_panels_multiply_the_factors_of_a_precision)
ALEXNET_UNIT_TEST("conv", conv_panels_round_the_sum_of_planes_once)

}  // namespace
}  // namespace alexnet
