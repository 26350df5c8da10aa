#include "runtime/operation.h"

namespace alexnet {

void* Operation::operand(const char* name, alexnet_buffer* handle, int64_t count, int64_t element_bytes, Use use) {
  Status status = find_operand(name, handle, count, element_bytes, use);
  if (status.ok()) return operands_.back().buffer->address();
  if (first_error_.ok()) first_error_ = std::move(status);
  return nullptr;
}

Status Operation::find_operand(const char* name, alexnet_buffer* handle, int64_t count, int64_t element_bytes,
                               Use use) {
  std::shared_ptr<Buffer> buffer;
  ALEXNET_TRY(find(name, handle, &buffer));
  const Device& here = stream_->device();
  const bool reached = use == Use::kWriteOnPeer && here.reaches(buffer->device());
  ALEXNET_REQUIRE(&buffer->device() == &here || reached, ALEXNET_BAD_ARGUMENT, "%s lives on %s, the stream on %s", name,
                  buffer->device().name().c_str(), here.name().c_str());
  ALEXNET_REQUIRE(buffer->arena().memory == MemoryKind::kDevice || here.kind() != Kind::kCuda, ALEXNET_BAD_ARGUMENT,
                  "%s is in host memory; operations of %s take device memory", name, here.name().c_str());
  ALEXNET_REQUIRE(count >= 0 && count <= buffer->bytes / element_bytes, ALEXNET_BAD_SHAPE,
                  "%s needs %lld elements of %lld bytes, its buffer has %lld bytes", name,
                  static_cast<long long>(count), static_cast<long long>(element_bytes),
                  static_cast<long long>(buffer->bytes));
  const char* begin = buffer->address();
  const char* end = begin + count * element_bytes;
  operands_.push_back({name, std::move(buffer), begin, end, use, begin, end});
  return {};
}

void Operation::reads_only(int64_t first_byte, int64_t bytes) {
  if (!first_error_.ok()) return;
  Operand& last = operands_.back();
  last.seen_begin = last.begin + first_byte;
  last.seen_end = last.seen_begin + bytes;
}

Status Operation::operands_status() const {
  if (!first_error_.ok()) return first_error_;
  for (const Operand& written : operands_) {
    if (written.use == Use::kRead) continue;
    for (const Operand& other : operands_) {
      if (&other == &written || written.begin >= other.end || other.begin >= written.end) continue;
      const bool same = written.begin == other.begin && written.end == other.end;
      const bool in_place = same && written.use == Use::kWriteInPlace && other.use == Use::kRead;
      ALEXNET_REQUIRE(in_place, ALEXNET_BAD_ARGUMENT, "%s overlaps %s", written.name, other.name);
    }
  }
  return {};
}

std::vector<Access> Operation::accesses() const {
  std::vector<Access> all;
  for (const Operand& operand : operands_) {
    if (operand.seen_begin == operand.seen_end) continue;
    all.push_back({operand.name, operand.seen_begin, operand.seen_end, operand.use != Use::kRead});
  }
  return all;
}

double Operation::operand_bytes() const {
  double bytes = 0;
  for (const Operand& operand : operands_) bytes += double(operand.end - operand.begin);
  return bytes;
}

}  // namespace alexnet
