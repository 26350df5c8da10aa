// operation_rows: each operation of the C ABI with operands, a call and its reference, for operations_check.
#ifndef ALEXNET_OPERATION_ROWS_H
#define ALEXNET_OPERATION_ROWS_H

#include <cstdint>
#include <functional>
#include <vector>

#include "alexnet.h"
#include "common/bf16.h"

namespace alexnet::check {

using Bytes = std::vector<unsigned char>;
using Buffers = std::vector<alexnet_buffer*>;

enum class Use { kRead, kOptional, kWritten, kWrittenOptional };

struct Operand {
  const char* name;
  int64_t element_bytes;
  Bytes bytes;  // at the start
  Use use;
  std::vector<int> may_be;  // the operands that this written one may share its buffer with

  int64_t size() const { return int64_t(bytes.size()); }
  bool is_written() const { return use == Use::kWritten || use == Use::kWrittenOptional; }
  bool may_be_null() const { return use == Use::kOptional || use == Use::kWrittenOptional; }
};

// What a call gets for its shape.
enum class ShapeArgument { kGood, kBad, kNull };

// The operands as the reference gets them.
struct Host {
  std::vector<Bytes>& all;
  float* operator[](size_t i) { return reinterpret_cast<float*>(all[i].data()); }
  Bf16* bf16(size_t i) { return reinterpret_cast<Bf16*>(all[i].data()); }
  int32_t* int32(size_t i) { return reinterpret_cast<int32_t*>(all[i].data()); }
};

struct Operation {
  const char* name;
  std::vector<Operand> operands;
  std::function<alexnet_status(alexnet_stream*, const Buffers&, ShapeArgument)> call;
  std::function<void(Host)> reference;
  const char* bad_text;         // in the refusal of the bad shape
  bool shape_is_struct = true;  // and may be null
  // Of one that accumulates: the call with sums as one more operand.
  std::function<alexnet_status(alexnet_stream*, const Buffers&, ShapeArgument)> call_with_sums = nullptr;
};

// The operations with weights, of which the locally connected apart, those between them, and those at both ends of the
// network.
std::vector<Operation> weighted_operations();
std::vector<Operation> local_operations();
std::vector<Operation> unweighted_operations();
std::vector<Operation> operations_at_the_ends();

// The same operation in precision bf16: what it stores has two bytes a value, and its reference gets and gives what was
// rounded. One that accumulates has sums as one more operand.
Operation in_bf16(const Operation& operation);

}  // namespace alexnet::check

#endif  // ALEXNET_OPERATION_ROWS_H
