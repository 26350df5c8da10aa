// Operation: with it the body of an operation of the C ABI is a few lines (ops_add.cpp is the smallest):
//
//   return operation(__func__, stream, [&](Operation& op) -> Status {
//     const AddShape shape = {count};
//     ALEXNET_TRY(validate_add(shape));
//     const float* const a_data = op.input("a", a, count);
//     const float* const b_data = op.input("b", b, count);
//     float* const y_data = op.output_in_place("y", y, count);
//     return op.run<AddFprop>(shape, a_data, b_data, y_data);
//   });
//
// A buffer that is closed, on another device or too small gives a null pointer, and the first such error is what run()
// returns; nothing is launched then. The same for an output that overlaps another operand, and for a variant that needs
// more workspace than the stream has. On a stream in a rehearsal all this is checked, and nothing is launched; on one
// that is being recorded, the launch becomes part of the graph; on one in a pair, it waits for the pair's end.
#ifndef ALEXNET_RUNTIME_OPERATION_H
#define ALEXNET_RUNTIME_OPERATION_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alexnet.h"
#include "common/bf16.h"
#include "common/variant.h"
#include "runtime/device.h"
#include "runtime/fault.h"
#include "runtime/graph.h"
#include "runtime/guard.h"
#include "runtime/stream_pair.h"
#include "runtime/work.h"

namespace alexnet {

class Operation {
 public:
  explicit Operation(Claim<StreamObject> stream)
      : stream_(std::move(stream)), precision_(stream_->target().precision) {}

  // `count` elements of T at the start of the buffer; T is float, int32_t, uint8_t or a plain struct.
  template <class T = float>
  const T* input(const char* name, alexnet_buffer* buffer, int64_t count) {
    return static_cast<const T*>(operand(name, buffer, count, sizeof(T), Use::kRead));
  }
  // For the search for races: of the operand before, only these bytes are read, or none that is known (bytes = 0).
  void reads_only(int64_t first_byte, int64_t bytes);
  // Whether the operands can be read here and now, by the host.
  bool on_host() const { return stream_->device().kind() != Kind::kCuda && !stream_->rehearsing(); }
  // The same, or null if `buffer` is null.
  template <class T = float>
  const T* input_or_null(const char* name, alexnet_buffer* buffer, int64_t count) {
    return buffer == nullptr ? nullptr : input<T>(name, buffer, count);
  }
  // What changes from step to step, in the memory of the device.
  const StepSettings* settings(alexnet_buffer* buffer) { return input<StepSettings>("settings", buffer, 1); }
  // Written; overlaps no other operand.
  template <class T = float>
  T* output(const char* name, alexnet_buffer* buffer, int64_t count) {
    return static_cast<T*>(operand(name, buffer, count, sizeof(T), Use::kWrite));
  }
  // The same, or null if `buffer` is null.
  float* output_or_null(const char* name, alexnet_buffer* buffer, int64_t count) {
    return buffer == nullptr ? nullptr : output(name, buffer, count);
  }
  // Written; may be one of the inputs, from the same first to the same last byte.
  float* output_in_place(const char* name, alexnet_buffer* buffer, int64_t count) {
    return static_cast<float*>(operand(name, buffer, count, sizeof(float), Use::kWriteInPlace));
  }

  // The same of activations, their gradients and the weights of products: of the type in which the precision stores
  // them, which their launchers know (common/bf16.h).
  const float* stored(const char* name, alexnet_buffer* buffer, int64_t count) {
    return static_cast<const float*>(operand(name, buffer, count, stored_bytes(), Use::kRead));
  }
  const float* stored_or_null(const char* name, alexnet_buffer* buffer, int64_t count) {
    return buffer == nullptr ? nullptr : stored(name, buffer, count);
  }
  float* stored_output(const char* name, alexnet_buffer* buffer, int64_t count) {
    return static_cast<float*>(operand(name, buffer, count, stored_bytes(), Use::kWrite));
  }
  float* stored_output_or_null(const char* name, alexnet_buffer* buffer, int64_t count) {
    return buffer == nullptr ? nullptr : stored_output(name, buffer, count);
  }
  float* stored_output_in_place(const char* name, alexnet_buffer* buffer, int64_t count) {
    return static_cast<float*>(operand(name, buffer, count, stored_bytes(), Use::kWriteInPlace));
  }
  // In the memory of this device or of a peer that it reaches.
  float* stored_output_on_peer(const char* name, alexnet_buffer* buffer, int64_t count) {
    return static_cast<float*>(operand(name, buffer, count, stored_bytes(), Use::kWriteOnPeer));
  }
  bool stores_bf16() const { return precision_ == Precision::kBf16; }
  // This operation is of what stays float32 in any precision.
  void of_float32() { precision_ = Precision::kFp32; }

  // Chooses the variant for the device and launches it on the stream.
  template <class Pass, class... Arguments>
  Status run(const typename Pass::Shape& shape, Arguments&&... arguments) {
    ALEXNET_TRY(operands_status());
    std::string why;
    Target target = stream_->target();
    target.precision = precision_;
    const Forced forced = stream_->forced(Pass::family, Pass::pass);
    const Variant<Pass>* variant = choose<Pass>(target, shape, forced, &why);
    ALEXNET_REQUIRE(variant != nullptr, ALEXNET_UNSUPPORTED, "%s {%s}", why.c_str(), shape_text_of(shape).c_str());
    ALEXNET_TRY(stream_->need_workspace(variant->workspace(shape)));
    if (stream_->rehearsing()) {
      stream_->note_choice(slow_choice(target, shape, forced, *variant));
      const std::string direct = direct_choice(target, forced, *variant);
      if (!direct.empty()) stream_->note_choice(direct + " {" + shape_text_of(shape) + "}");
      return prepare(*variant, shape, stream_.shared().get(), arguments...);
    }
    const std::shared_ptr<StreamPair> pair = stream_->pair();
    if (pair != nullptr) ALEXNET_TRY(pair->admit(*stream_, Pass::family, Pass::pass, accesses()));
    if (races::searched()) {
      ALEXNET_TRY((pair != nullptr ? pair->queue() : *stream_).declare(Pass::family, Pass::pass, accesses()));
    }
    GraphObject* const graph = stream_->recording();
    const Work work = {operand_bytes(), product_flop(shape)};
    const auto launch_now = [&] {
      const Status status = launch(*variant, shape, work, stream_.shared().get(), pair.get(), arguments...);
      if (!status.ok() && pair != nullptr) pair->withdraw(*stream_);
      return status;
    };
    if (graph == nullptr) return launch_now();
    for (const Operand& operand : operands_) graph->keep(operand.buffer);
    graph->count_launch();
    if (stream_->device().kind() == Kind::kCuda) return launch_now();
    graph->add([=, stream = stream_.shared().get()] {
      return launch(*variant, shape, work, stream, pair.get(), arguments...);
    });
    return {};
  }

 private:
  template <class Pass, class... Arguments>
  static Status launch(const Variant<Pass>& variant, const typename Pass::Shape& shape, const Work& work,
                       StreamObject* stream, StreamPair* pair, const Arguments&... arguments) {
    Device& device = stream->device();
    ALEXNET_TRY(stream->blame(device.make_current()));
    stream->note(LaunchRecord::of(Pass::family, Pass::pass, variant.name, shape));
    if (device.kind() != Kind::kCuda) {
      stream->hesitate();
      const Status fault = launch_fault(Pass::family, Pass::pass, device.name());
      if (fault.code() == ALEXNET_DEVICE_LOST) device.lose();
      if (!fault.ok()) return stream->blame(fault);
    }
    Stream to = pair != nullptr ? pair->launch_stream(*stream) : stream->launch_stream();
    if (device.kind() == Kind::kCpu) to.cores = worth_waking(to.cores, work);
    std::optional<PreparedLaunches::Memory> unrehearsed;
    if (variant.prepare != nullptr) {
      to.prepared = stream->prepared.find(&variant, shape, arguments...);
      if (to.prepared == nullptr) {
        to.prepared = unrehearsed.emplace(variant.prepared_bytes).data();
        ALEXNET_TRY(stream->blame(variant.prepare(shape, arguments..., to)));
      }
    }
    Status status = variant.launch(shape, arguments..., to);
    if (status.code() == ALEXNET_DEVICE_LOST) device.lose();
    return stream->blame(std::move(status));
  }

  // What a rehearsal does of an operation: its prepare step, once for all launches.
  template <class Pass, class... Arguments>
  static Status prepare(const Variant<Pass>& variant, const typename Pass::Shape& shape, StreamObject* stream,
                        const Arguments&... arguments) {
    if (variant.prepare == nullptr || stream->prepared.find(&variant, shape, arguments...) != nullptr) return {};
    ALEXNET_TRY(stream->device().make_current());
    PreparedLaunches::Memory memory(variant.prepared_bytes);
    Stream to = stream->launch_stream();
    to.prepared = memory.data();
    ALEXNET_TRY(stream->blame(variant.prepare(shape, arguments..., to)));
    stream->prepared.keep(std::move(memory), &variant, shape, arguments...);
    return {};
  }

  enum class Use { kRead, kWrite, kWriteInPlace, kWriteOnPeer };
  struct Operand {
    const char* name;
    std::shared_ptr<Buffer> buffer;  // keeps it alive until the launch
    const char* begin;
    const char* end;
    Use use;
    const char* seen_begin;  // what the search for races sees of it
    const char* seen_end;
  };

  void* operand(const char* name, alexnet_buffer* handle, int64_t count, int64_t element_bytes, Use use);
  Status find_operand(const char* name, alexnet_buffer* handle, int64_t count, int64_t element_bytes, Use use);
  Status operands_status() const;
  std::vector<Access> accesses() const;
  double operand_bytes() const;

  int64_t stored_bytes() const { return stores_bf16() ? sizeof(Bf16) : sizeof(float); }

  Claim<StreamObject> stream_;
  Precision precision_;
  std::vector<Operand> operands_;
  Status first_error_;
};

// Finds the stream and runs `body` as the function `name` of the C ABI.
template <class Body>
alexnet_status operation(const char* name, alexnet_stream* stream, Body&& body) {
  return guard(name, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    Operation op(std::move(object));
    return body(op);
  });
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_OPERATION_H
