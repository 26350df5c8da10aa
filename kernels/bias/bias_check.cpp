// Cases of bias. The tolerance is derived in conv_check.cpp.
#include "bias/bias.h"

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

Case<BiasGrad> case_of(const char* name, const char* why, int64_t rows, int32_t K) {
  const bool small = rows * K < 2000;
  Case<BiasGrad> one = {name,
                        why,
                        {rows, K},
                        {in("dy", {rows, K}), out("db", {K})},
                        {4 * kFloatEpsilon, double(rows + 8) * kFloatEpsilon},
                        {},
                        rows < 1000 || K == 1,
                        small};
  if (small) one.tensors.push_back(in("bias", {K}));
  return one;
}

Check<BiasGrad> grad() {
  Check<BiasGrad> check;
  check.stored = {"dy"};
  check.run = [](BiasGrad::Launch launch, const BiasShape& s, Floats& t, Stream stream) {
    return launch(s, t["dy"], t["db"], stream);
  };
  check.reference = [](const BiasShape& s, Doubles& t) { bias_grad_reference<double>(s, t["dy"], t["db"]); };
  check.loss = [](const BiasShape& s, Doubles& t) {  // y = bias in every row
    double sum = 0;
    for (int64_t row = 0; row < s.rows; ++row)
      for (int64_t k = 0; k < s.K; ++k) sum += t["dy"][row * s.K + k] * t["bias"][k];
    return sum;
  };
  check.gradients = {{"db", "bias", 0.5, 1e-9}};
  check.layers = [](int32_t N) {
    return std::vector<Case<BiasGrad>>{
        case_of("conv1", "paper, one tower", int64_t(N) * 55 * 55, 48),
        case_of("conv2", "paper, one tower", int64_t(N) * 27 * 27, 128),
        case_of("conv3", "paper, one tower", int64_t(N) * 13 * 13, 192),
        case_of("fc6", "paper, one tower", N, 2048),
    };
  };
  check.cases = {
      case_of("conv1", "paper, one tower, two images of 55x55", 2 * 55 * 55, 48),
      case_of("conv2", "paper, one tower, two images of 27x27", 2 * 27 * 27, 128),
      case_of("conv3", "paper, one tower, two images of 13x13", 2 * 13 * 13, 192),
      case_of("fc6", "paper, one tower, a batch of 128", 128, 2048),
      case_of("fc8", "paper, a batch of 128", 128, 1000),
      case_of("one", "the smallest", 1, 1),
      case_of("one-row", "a copy", 1, 257),
      case_of("one-column", "a single sum", 300, 1),
      case_of("below-32", "one below a warp, both ways", 31, 31),
      case_of("at-32", "exactly a warp, both ways", 32, 32),
      case_of("above-32", "one above a warp, both ways", 33, 33),
      case_of("tall-1", "a single long sum: many chunks, the last one short", 4097, 1),
      case_of("tall-33", "many chunks, one column above a tile of 32", 4096, 33),
      case_of("block+1", "one column in a second block of 128", 7, 129),
  };
  return check;
}

std::string bias_refuses() {
  std::string wrong = expect_refusal(validate_bias({0, 3}), ALEXNET_BAD_SHAPE, "bias: dy[0,3] has the extent 0");
  if (wrong.empty()) wrong = expect_refusal(validate_bias({3, 0}), ALEXNET_BAD_SHAPE, "bias: dy[3,0]");
  return wrong;
}

ALEXNET_CHECK(grad())
ALEXNET_UNIT_TEST("bias", bias_refuses)

}  // namespace
}  // namespace alexnet
