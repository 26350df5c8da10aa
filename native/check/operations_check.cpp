// operations_check: each operation of the C ABI on emu and cpu. Its arguments reach the kernel in the right order, and
// what it must refuse it refuses: null shapes and buffers, bad shapes, buffers a byte too small, forbidden overlaps.
// The same in precision bf16.
// Every pass that has a kernel is here.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "abi_functions.h"
#include "alexnet.h"
#include "check/expect.h"
#include "check/operation_rows.h"
#include "runtime/build_info.h"
#include "sgd/sgd.h"

namespace {

using namespace alexnet;
using namespace alexnet::check;

// All operands of an operation on one device, and the workspace it needs; each slot is as large as the largest.
struct Fixture {
  Fixture(int32_t kind, int32_t precision, const Operation& operation) {
    EXPECT(alexnet_device_open(kind, 0, &device) == ALEXNET_OK);
    EXPECT(alexnet_stream_create(device, &stream) == ALEXNET_OK);
    EXPECT_CALL(alexnet_stream_set_precision(stream, precision));
    for (const Operand& operand : operation.operands) slot = std::max(slot, (operand.size() + 255) / 256 * 256);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, slot * int64_t(operation.operands.size()), &arena) ==
           ALEXNET_OK);
    for (size_t i = 0; i < operation.operands.size(); ++i) {
      buffers.push_back(view(i, slot));
      const Bytes& bytes = operation.operands[i].bytes;
      EXPECT(alexnet_copy_in(stream, buffers[i], 0, bytes.data(), int64_t(bytes.size())) == ALEXNET_OK);
    }
    int64_t workspace_bytes = 0;
    EXPECT(alexnet_stream_rehearse_begin(stream) == ALEXNET_OK);
    EXPECT_CALL(operation.call(stream, buffers, ShapeArgument::kGood));
    EXPECT(alexnet_stream_rehearse_end(stream, &workspace_bytes) == ALEXNET_OK);
  }
  ~Fixture() {
    for (alexnet_buffer* buffer : buffers) EXPECT(alexnet_buffer_close(buffer) == ALEXNET_OK);
    EXPECT(alexnet_arena_close(arena) == ALEXNET_OK);
    EXPECT(alexnet_stream_close(stream) == ALEXNET_OK);
    EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  }
  alexnet_buffer* view(size_t i, int64_t bytes) {
    alexnet_buffer* buffer = nullptr;
    EXPECT(alexnet_buffer_create(arena, int64_t(i) * slot, bytes, &buffer) == ALEXNET_OK);
    return buffer;
  }
  std::vector<Bytes> read(const Operation& operation) {
    std::vector<Bytes> all;
    for (size_t i = 0; i < buffers.size(); ++i) {
      all.emplace_back(operation.operands[i].bytes.size());
      EXPECT(alexnet_copy_out(stream, all[i].data(), buffers[i], 0, int64_t(all[i].size())) == ALEXNET_OK);
    }
    EXPECT(alexnet_stream_synchronize(stream) == ALEXNET_OK);
    return all;
  }

  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  alexnet_arena* arena = nullptr;
  int64_t slot = 0;
  Buffers buffers;
};

float value_of(const Bytes& bytes, int64_t element_bytes, size_t i) {
  std::vector<Bytes> one = {bytes};
  return element_bytes == 2 ? float(Host{one}.bf16(0)[i]) : Host{one}[0][i];
}

void check_result(int32_t kind, int32_t precision, const Operation& operation) {
  Fixture f(kind, precision, operation);
  EXPECT_CALL(operation.call(f.stream, f.buffers, ShapeArgument::kGood));
  std::vector<Bytes> got = f.read(operation), want;
  for (const Operand& operand : operation.operands) want.push_back(operand.bytes);
  operation.reference({want});
  for (size_t i = 0; i < got.size(); ++i) {
    if (!operation.operands[i].is_written()) {
      EXPECT(got[i] == want[i]);
      continue;
    }
    const int64_t bytes = operation.operands[i].element_bytes;
    // Sums of at most 50 terms below 1; bf16 may round two that differ so to neighbours.
    const float allowed = bytes == 2 ? 0x1p-7f : 1e-5f;
    for (size_t j = 0; j < got[i].size() / size_t(bytes); ++j) {
      const float g = value_of(got[i], bytes, j), w = value_of(want[i], bytes, j);
      if (std::abs(g - w) <= allowed * (1 + std::abs(w))) continue;
      EXPECT_TEXT(std::string(operation.name) + " " + operation.operands[i].name + "[" + std::to_string(j) + "] is " +
                      std::to_string(g) + ", expected " + std::to_string(w),
                  "the reference's value");
      break;
    }
  }
}

void check_refusals(int32_t kind, int32_t precision, const Operation& operation) {
  Fixture f(kind, precision, operation);
  const auto refused = [&](const Buffers& buffers, ShapeArgument shape, alexnet_status code, const std::string& text) {
    EXPECT(operation.call(f.stream, buffers, shape) == code);
    EXPECT_TEXT(alexnet_last_error(), operation.name, text.c_str());
  };
  refused(f.buffers, ShapeArgument::kBad, ALEXNET_BAD_SHAPE, operation.bad_text);
  if (operation.shape_is_struct) refused(f.buffers, ShapeArgument::kNull, ALEXNET_BAD_ARGUMENT, "shape is null");
  for (size_t i = 0; i < operation.operands.size(); ++i) {
    const Operand& operand = operation.operands[i];
    Buffers changed = f.buffers;
    changed[i] = f.view(i, operand.size() - 1);
    refused(changed, ShapeArgument::kGood, ALEXNET_BAD_SHAPE, std::string(operand.name) + " needs");
    EXPECT(alexnet_buffer_close(changed[i]) == ALEXNET_OK);
    changed[i] = nullptr;
    if (operand.may_be_null()) {
      EXPECT_CALL(operation.call(f.stream, changed, ShapeArgument::kGood));
    } else {
      refused(changed, ShapeArgument::kGood, ALEXNET_BAD_ARGUMENT, std::string(operand.name) + " is null");
    }
  }
  for (size_t i = 0; i < operation.operands.size(); ++i) {
    const Operand& operand = operation.operands[i];
    if (!operand.is_written()) continue;
    for (size_t j = 0; j < operation.operands.size(); ++j) {
      if (j == i) continue;
      Buffers shared = f.buffers;
      shared[i] = shared[j];
      if (std::count(operand.may_be.begin(), operand.may_be.end(), int(j)) != 0) {
        EXPECT_CALL(operation.call(f.stream, shared, ShapeArgument::kGood));
      } else {
        refused(shared, ShapeArgument::kGood, ALEXNET_BAD_ARGUMENT, "overlaps");
      }
    }
  }
}

// What the bodies themselves refuse: a scale that is no number, updates of nothing and of too much.
void check_arguments() {
  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  EXPECT(alexnet_device_open(ALEXNET_EMU, 0, &device) == ALEXNET_OK);
  EXPECT(alexnet_stream_create(device, &stream) == ALEXNET_OK);
  EXPECT(alexnet_sgd_update(stream, nullptr, 1, nullptr) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "arrays is null");
  const alexnet_sgd_array arrays[kSgdArrays + 1] = {};
  EXPECT(alexnet_sgd_update(stream, arrays, kSgdArrays + 1, nullptr) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "65 arrays; allowed in one call: 1 to 64");
  const alexnet_softmax_shape shape = {1, 2};
  EXPECT(alexnet_softmax_bprop(stream, &shape, nullptr, nullptr, NAN, nullptr) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "scale is nan; it must be finite");
  EXPECT(alexnet_softmax_loss(stream, &shape, nullptr, nullptr, NAN, nullptr, nullptr, nullptr) ==
         ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "scale is nan; it must be finite");
  const alexnet_fc_shape one = {1, 1, 1};
  alexnet_arena* arena = nullptr;
  alexnet_buffer* any = nullptr;
  EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 256, &arena) == ALEXNET_OK);
  EXPECT(alexnet_buffer_create(arena, 0, 256, &any) == ALEXNET_OK);
  EXPECT(alexnet_fc_fprop(stream, &one, any, any, nullptr, any, any, 0, 0, nullptr, nullptr, 0) ==
         ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "sums are for precision bf16 alone");
  EXPECT(alexnet_buffer_close(any) == ALEXNET_OK && alexnet_arena_close(arena) == ALEXNET_OK);
  EXPECT(alexnet_stream_close(stream) == ALEXNET_OK && alexnet_device_close(device) == ALEXNET_OK);
}

// Every pass that has a kernel is a function of alexnet.h, and has a row here.
void check_complete(const std::vector<Operation>& operations) {
  for (const VariantRow& row : sorted_variant_rows()) {
    std::string function = "alexnet_" + row.family + "_" + row.pass;
    if (function == "alexnet_add_fprop") function = "alexnet_add";
    if (function == "alexnet_cast_fprop") function = "alexnet_cast";
    const auto declared = [&](const char* name) { return function == name; };
    EXPECT_THAT(std::any_of(std::begin(kAbiFunctions), std::end(kAbiFunctions), declared),
                "native/include/alexnet.h has no " + function);
    const auto called = [&](const Operation& operation) { return function == operation.name; };
    EXPECT_THAT(std::any_of(operations.begin(), operations.end(), called),
                "native/check/operation_rows.cpp has no row for " + function);
  }
}

}  // namespace

int main() {
  std::vector<Operation> operations;
  for (const auto& group :
       {weighted_operations(), local_operations(), unweighted_operations(), operations_at_the_ends()}) {
    operations.insert(operations.end(), group.begin(), group.end());
  }
  check_complete(operations);
  for (const int32_t kind : {ALEXNET_EMU, ALEXNET_CPU}) {
    for (const Operation& operation : operations) {
      check_result(kind, ALEXNET_PRECISION_FP32, operation);
      check_refusals(kind, ALEXNET_PRECISION_FP32, operation);
      check_result(kind, ALEXNET_PRECISION_BF16, in_bf16(operation));
      check_refusals(kind, ALEXNET_PRECISION_BF16, in_bf16(operation));
    }
  }
  check_arguments();
  EXPECT(alexnet_live_handles() == 0);
  return alexnet::check::expectations().finish();
}
