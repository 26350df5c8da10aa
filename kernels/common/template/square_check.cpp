// Cases of square: the edges of blocks and vectors, in place, not a number. The reference gives the bits that every
// variant must give: the tolerance is zero.
#include "square/square.h"

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

struct Size {
  const char* name;
  const char* why;
  int64_t count;
};

const std::vector<Size>& sizes() {
  static const std::vector<Size> all = {
      {"one", "the smallest", 1},
      {"below-block", "one below a block of 256, and no multiple of a vector", 255},
      {"at-block", "exactly a block of 256", 256},
      {"above-block", "one element in a second block", 257},
      {"conv1", "paper, one image of one tower", 55 * 55 * 48},
  };
  return all;
}

// For --bench: conv1 of one tower with N images.
Size paper(int32_t N) { return {"conv1", "paper, one tower", int64_t(N) * 55 * 55 * 48}; }

Case<SquareFprop> fprop_case(const Size& size) {
  return {size.name, size.why, {size.count}, {in("x", {size.count}, uniform(-4, 4)), out("y", {size.count})}, {}};
}

Case<SquareBprop> bprop_case(const Size& size) {
  return {size.name,    size.why,
          {size.count}, {in("x", {size.count}, uniform(-4, 4)), in("dy", {size.count}), out("dx", {size.count})},
          {},           {},
          true,         size.count < 500};
}

Check<SquareFprop> fprop() {
  Check<SquareFprop> check;
  check.run = [](SquareFprop::Launch launch, const SquareShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const SquareShape& s, Doubles& t) { square_fprop_reference<double>(s, t["x"], t["y"]); };
  check.layers = [](int32_t N) { return std::vector<Case<SquareFprop>>{fprop_case(paper(N))}; };
  for (const Size& size : sizes()) check.cases.push_back(fprop_case(size));
  check.cases.push_back(
      {"in-place", "y may be x", {1000}, {in("x", {1000}, uniform(-4, 4)), out_in_place("y", {1000}, "x")}, {}});
  check.cases.push_back({"not-a-number",
                         "NaN is passed on, infinities too",
                         {4},
                         {in_values("x", {4}, {NAN, 1, INFINITY, -INFINITY}), out("y", {4})},
                         {}});
  return check;
}

Check<SquareBprop> bprop() {
  Check<SquareBprop> check;
  check.run = [](SquareBprop::Launch launch, const SquareShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["dy"], t["dx"], stream);
  };
  check.reference = [](const SquareShape& s, Doubles& t) {
    square_bprop_reference<double>(s, t["x"], t["dy"], t["dx"]);
  };
  check.loss = [](const SquareShape& s, Doubles& t) {
    std::vector<double> y(size_t(s.count));
    square_fprop_reference<double>(s, t["x"], y.data());
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "x", 1e-5, 1e-6}};
  check.layers = [](int32_t N) { return std::vector<Case<SquareBprop>>{bprop_case(paper(N))}; };
  for (const Size& size : sizes()) check.cases.push_back(bprop_case(size));
  return check;
}

std::string square_golden() {
  const double x[4] = {0, .5, -3, 2}, dy[4] = {1, 2, 1, -2};
  std::vector<double> y(4), dx(4);
  square_fprop_reference<double>({4}, x, y.data());
  square_bprop_reference<double>({4}, x, dy, dx.data());
  std::string wrong = expect_close("y", y, {0, .25, 9, 4}, 0);
  if (wrong.empty()) wrong = expect_close("dx", dx, {0, 2, -6, -8}, 0);
  return wrong;
}

std::string square_refuses() {
  return expect_refusal(validate_square({0}), ALEXNET_BAD_SHAPE, "square: count is 0; it must be from 1");
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("square", square_golden)
ALEXNET_UNIT_TEST("square", square_refuses)

}  // namespace
}  // namespace alexnet
