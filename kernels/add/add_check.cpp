// Cases of add.
#include <cmath>

#include "add/add.h"
#include "common/check.h"

namespace alexnet::check {
namespace {

Case<AddFprop> case_of(const char* name, const char* why, int64_t count) {
  return {name, why, {count}, {in("a", {count}), in("b", {count}), out("y", {count})}, Tolerance{0, 0}};
}

Case<AddFprop> in_place(const char* name, const char* why, int64_t count, const char* alias) {
  return {name, why, {count}, {in("a", {count}), in("b", {count}), out_in_place("y", {count}, alias)}, Tolerance{0, 0}};
}

Case<AddFprop> masked(const char* name, const char* why, int64_t count, const char* alias = "") {
  return {name,
          why,
          {count},
          {in("a", {count}), in("b", {count}), in("mask", {count}, integers(-1, 2)),
           *alias ? out_in_place("y", {count}, alias) : out("y", {count})},
          Tolerance{0, 0}};
}

Check<AddFprop> add_fprop() {
  Check<AddFprop> check;
  check.stored = {"a", "b", "mask", "y"};
  check.run = [](AddFprop::Launch launch, const AddShape& s, Floats& t, Stream stream) {
    return launch(s, t["a"], t["b"], t["mask"], t["y"], stream);
  };
  check.reference = [](const AddShape& s, Doubles& t) {
    add_fprop_reference<double>(s, t["a"], t["b"], t["mask"], t["y"]);
  };
  check.layers = [](int32_t N) {
    const int64_t pool2 = int64_t(N) * 13 * 13 * 128;
    return std::vector<Case<AddFprop>>{case_of("pool2", "paper, the plane that conv3's two halves add up to", pool2),
                                       masked("fc6", "paper, one tower's half, masked", int64_t(N) * 2048)};
  };
  check.cases = {
      case_of("one", "the smallest", 1),
      case_of("block", "exactly one block of 256", 256),
      case_of("block+1", "one element in a second block", 257),
      case_of("conv3", "the weights of one tower's conv3", 192 * 9 * 256),
      case_of("block-1", "one below a block, and no multiple of a vector", 255),
      case_of("1027", "three more than whole vectors of four in blocks of 256", 1027),
      masked("masked", "a mask with zeros, negative and positive values", 1027),
      masked("masked one", "the smallest", 1),
      masked("masked fc6", "paper, one tower's half of fc6 for 16 images", 16 * 2048),
      masked("masked into a", "y may be a", 1000, "a"),
      masked("masked into mask", "y may be mask", 1000, "mask"),
      in_place("into a", "y may be a", 1000, "a"),
      in_place("into b", "y may be b", 1000, "b"),
  };
  check.cases.push_back(
      {"masked edges",
       "a mask of -0, NaN, the smallest positive float and bf16",
       {5},
       {in("a", {5}), in("b", {5}), in_values("mask", {5}, {-0.0, NAN, 1e-45, 9.2e-41, 0.0}), out("y", {5})},
       Tolerance{0, 0}});
  return check;
}

ALEXNET_CHECK(add_fprop())

}  // namespace
}  // namespace alexnet::check
