// Cases of add.
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

Check<AddFprop> add_fprop() {
  Check<AddFprop> check;
  check.run = [](AddFprop::Launch launch, const AddShape& s, Floats& t, Stream stream) {
    return launch(s, t["a"], t["b"], t["y"], stream);
  };
  check.reference = [](const AddShape& s, Doubles& t) { add_fprop_reference(s, t["a"], t["b"], t["y"]); };
  check.layers = [](int32_t N) {
    return std::vector<Case<AddFprop>>{case_of("pool2", "paper, the plane that conv3's two halves add up to",
                                               int64_t(N) * 13 * 13 * 128)};
  };
  check.cases = {
      case_of("one", "the smallest", 1),
      case_of("block", "exactly one block of 256", 256),
      case_of("block+1", "one element in a second block", 257),
      case_of("conv3", "the weights of one tower's conv3", 192 * 9 * 256),
      in_place("into a", "y may be a", 1000, "a"),
      in_place("into b", "y may be b", 1000, "b"),
  };
  return check;
}

ALEXNET_CHECK(add_fprop())

}  // namespace
}  // namespace alexnet::check
