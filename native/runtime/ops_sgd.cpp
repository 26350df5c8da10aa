// The C ABI's body of sgd.
#include <cstdio>

#include "runtime/operation.h"
#include "sgd/sgd.h"

using namespace alexnet;

namespace {

// "w[0]", "v[0]", "g[0]", "w[1]", ...: the operands as messages call them.
struct OperandNames {
  char text[kSgdArrays][3][8];
  OperandNames() {
    for (int32_t i = 0; i < kSgdArrays; ++i)
      for (int j = 0; j < 3; ++j) std::snprintf(text[i][j], sizeof text[i][j], "%c[%d]", "wvg"[j], i);
  }
};

}  // namespace

alexnet_status alexnet_sgd_update(alexnet_stream* stream, const alexnet_sgd_array* arrays, int32_t count,
                                  alexnet_buffer* settings) {
  return operation(__func__, stream, [&](Operation& op) -> Status {
    static const OperandNames names;
    ALEXNET_REQUIRE(arrays != nullptr, ALEXNET_BAD_ARGUMENT, "arrays is null");
    ALEXNET_TRY(validate_sgd_arrays(count));
    const StepSettings* const settings_data = op.settings(settings);
    SgdUpdateShape whole = {0, count};
    SgdTable table = {};
    for (int32_t i = 0; i < count; ++i) {
      const alexnet_sgd_array& from = arrays[i];
      ALEXNET_TRY(validate_sgd(from.shape));
      whole.count += from.shape.count;
      SgdArray& to = table.at[i];
      to.shape = from.shape;
      to.w = op.output(names.text[i][0], from.w, from.shape.count);
      to.v = op.output(names.text[i][1], from.v, from.shape.count);
      to.g = op.input(names.text[i][2], from.g, from.shape.count);
    }
    return op.run<SgdUpdate>(whole, settings_data, table);
  });
}
