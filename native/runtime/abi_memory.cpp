// The C ABI's bodies: arenas, buffers, copies.
#include <cstring>
#include <vector>

#include "alexnet.h"
#include "runtime/device.h"
#include "runtime/fault.h"
#include "runtime/graph.h"
#include "runtime/guard.h"

using namespace alexnet;

namespace {

constexpr int64_t kAlignment = 256;
constexpr int64_t kMaxArenaBytes = int64_t(1) << 44;

// BAD_SHAPE unless [offset, offset + bytes) lies in the buffer.
Status check_range(const char* name, const Buffer& buffer, int64_t offset, int64_t bytes) {
  ALEXNET_REQUIRE(offset >= 0 && bytes >= 0 && offset <= buffer.bytes && bytes <= buffer.bytes - offset,
                  ALEXNET_BAD_SHAPE, "%s: bytes %lld to %lld + %lld, the buffer has %lld", name,
                  static_cast<long long>(offset), static_cast<long long>(offset), static_cast<long long>(bytes),
                  static_cast<long long>(buffer.bytes));
  return {};
}

Status check_device(const char* name, const Buffer& buffer, const StreamObject& stream) {
  ALEXNET_REQUIRE(&buffer.device() == &stream.device(), ALEXNET_BAD_ARGUMENT, "%s lives on %s, the stream on %s", name,
                  buffer.device().name().c_str(), stream.device().name().c_str());
  return {};
}

Access reads(const void* begin, int64_t bytes) {
  return {"from", static_cast<const char*>(begin), static_cast<const char*>(begin) + bytes, false};
}

Access writes(const void* begin, int64_t bytes) {
  return {"to", static_cast<const char*>(begin), static_cast<const char*>(begin) + bytes, true};
}

// Does the call, or makes it part of the graph that the stream is recorded into.
template <class Call>
Status queue(StreamObject& on, const std::vector<std::shared_ptr<Buffer>>& buffers, const Call& call) {
  GraphObject* const graph = on.recording();
  if (graph == nullptr) return on.blame(call());
  for (const std::shared_ptr<Buffer>& buffer : buffers) graph->keep(buffer);
  if (on.device().kind() == Kind::kCuda) return call();
  graph->add(call);
  return {};
}

}  // namespace

alexnet_status alexnet_arena_create(alexnet_device* device, int32_t memory, int64_t bytes, alexnet_arena** arena) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> owner;
    ALEXNET_TRY(find("device", device, &owner));
    ALEXNET_REQUIRE(arena != nullptr, ALEXNET_BAD_ARGUMENT, "arena is null");
    ALEXNET_REQUIRE(memory == ALEXNET_MEMORY_DEVICE || memory == ALEXNET_MEMORY_HOST, ALEXNET_BAD_ARGUMENT,
                    "memory is %d; allowed are 0 (device) and 1 (host)", memory);
    ALEXNET_REQUIRE(bytes >= 1 && bytes <= kMaxArenaBytes, ALEXNET_BAD_ARGUMENT, "bytes is %lld; allowed are 1 to 2^44",
                    static_cast<long long>(bytes));
    void* address = nullptr;
    ALEXNET_REQUIRE(!fault_has_begun("out_of_memory:" + owner->name()), ALEXNET_OUT_OF_MEMORY,
                    "%s: %lld bytes: a fault was asked for by ALEXNET_FAULT", owner->name().c_str(),
                    static_cast<long long>(bytes));
    ALEXNET_TRY(owner->allocate(MemoryKind(memory), bytes, &address));
    return give_handle(std::make_shared<Arena>(owner, MemoryKind(memory), bytes, address), "device", device, arena);
  });
}

alexnet_status alexnet_arena_close(alexnet_arena* arena) {
  return guard(__func__, [&]() -> Status {
    const auto may_close = [](const Arena& open) -> Status {
      ALEXNET_REQUIRE(open.buffers == 0, ALEXNET_WRONG_STATE, "the arena still has %lld buffers",
                      static_cast<long long>(open.buffers));
      return {};
    };
    std::shared_ptr<Arena> object;
    ALEXNET_TRY(take("arena", arena, may_close, &object));
    races::forget(object->address(), object->address() + object->bytes);
    return object->release();
  });
}

alexnet_status alexnet_buffer_create(alexnet_arena* arena, int64_t offset_bytes, int64_t bytes,
                                     alexnet_buffer** buffer) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Arena> owner;
    ALEXNET_TRY(find("arena", arena, &owner));
    ALEXNET_REQUIRE(buffer != nullptr, ALEXNET_BAD_ARGUMENT, "buffer is null");
    ALEXNET_REQUIRE(offset_bytes >= 0 && offset_bytes % kAlignment == 0, ALEXNET_BAD_ARGUMENT,
                    "offset_bytes is %lld; it must be a multiple of 256", static_cast<long long>(offset_bytes));
    ALEXNET_REQUIRE(bytes >= 1 && offset_bytes <= owner->bytes && bytes <= owner->bytes - offset_bytes,
                    ALEXNET_BAD_ARGUMENT, "bytes %lld to %lld + %lld, the arena has %lld",
                    static_cast<long long>(offset_bytes), static_cast<long long>(offset_bytes),
                    static_cast<long long>(bytes), static_cast<long long>(owner->bytes));
    return give_handle(std::make_shared<Buffer>(owner, offset_bytes, bytes), "arena", arena, buffer);
  });
}

alexnet_status alexnet_buffer_close(alexnet_buffer* buffer) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Buffer> object;
    return take("buffer", buffer, &object);
  });
}

alexnet_status alexnet_buffer_host(alexnet_buffer* buffer, void** host) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Buffer> object;
    ALEXNET_TRY(find("buffer", buffer, &object));
    ALEXNET_REQUIRE(host != nullptr, ALEXNET_BAD_ARGUMENT, "host is null");
    ALEXNET_REQUIRE(object->on_host(), ALEXNET_UNSUPPORTED, "the buffer is in the memory of %s",
                    object->device().name().c_str());
    *host = object->address();
    return {};
  });
}

alexnet_status alexnet_buffer_address(alexnet_buffer* buffer, void** address) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Buffer> object;
    ALEXNET_TRY(find("buffer", buffer, &object));
    ALEXNET_REQUIRE(address != nullptr, ALEXNET_BAD_ARGUMENT, "address is null");
    *address = object->address();
    return {};
  });
}

alexnet_status alexnet_buffer_touch(alexnet_buffer* buffer, int32_t writes) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Buffer> object;
    ALEXNET_TRY(find("buffer", buffer, &object));
    ALEXNET_REQUIRE(object->on_host(), ALEXNET_UNSUPPORTED, "the buffer is in the memory of %s",
                    object->device().name().c_str());
    const char* const begin = object->address();
    return races::host_work({"buffer", begin, begin + object->bytes, writes != 0});
  });
}

alexnet_status alexnet_copy_in(alexnet_stream* stream, alexnet_buffer* to, int64_t to_offset, const void* host,
                               int64_t bytes) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> on;
    std::shared_ptr<Buffer> target;
    ALEXNET_TRY(claim_stream("stream", stream, &on));
    ALEXNET_TRY(on->require_immediate());
    ALEXNET_TRY(find("to", to, &target));
    ALEXNET_REQUIRE(host != nullptr, ALEXNET_BAD_ARGUMENT, "host is null");
    ALEXNET_TRY(check_device("to", *target, *on));
    ALEXNET_TRY(check_range("to", *target, to_offset, bytes));
    char* const to_address = target->address() + to_offset;
    ALEXNET_TRY(on->declare("copy", "in", {writes(to_address, bytes)}));
    on->hesitate();
    return on->blame(on->device().copy(on->handle, to_address, host, bytes));
  });
}

alexnet_status alexnet_copy_out(alexnet_stream* stream, void* host, alexnet_buffer* from, int64_t from_offset,
                                int64_t bytes) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> on;
    std::shared_ptr<Buffer> source;
    ALEXNET_TRY(claim_stream("stream", stream, &on));
    ALEXNET_TRY(on->require_immediate());
    ALEXNET_TRY(find("from", from, &source));
    ALEXNET_REQUIRE(host != nullptr, ALEXNET_BAD_ARGUMENT, "host is null");
    ALEXNET_TRY(check_device("from", *source, *on));
    ALEXNET_TRY(check_range("from", *source, from_offset, bytes));
    const char* const from_address = source->address() + from_offset;
    ALEXNET_TRY(on->declare("copy", "out", {reads(from_address, bytes)}));
    on->hesitate();
    return on->blame(on->device().copy(on->handle, host, from_address, bytes));
  });
}

alexnet_status alexnet_copy(alexnet_stream* stream, alexnet_buffer* to, int64_t to_offset, alexnet_buffer* from,
                            int64_t from_offset, int64_t bytes) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> on;
    std::shared_ptr<Buffer> target, source;
    ALEXNET_TRY(claim_stream("stream", stream, &on));
    ALEXNET_TRY(on->require_any_call());
    ALEXNET_TRY(find("to", to, &target));
    ALEXNET_TRY(find("from", from, &source));
    ALEXNET_TRY(check_device("to", *target, *on));
    ALEXNET_TRY(check_range("to", *target, to_offset, bytes));
    ALEXNET_TRY(check_range("from", *source, from_offset, bytes));
    void* const to_address = target->address() + to_offset;
    const void* const from_address = source->address() + from_offset;
    ALEXNET_TRY(on->declare("copy", "buffers", {reads(from_address, bytes), writes(to_address, bytes)}));
    if (on->device().kind() != Kind::kCuda && !source->on_host()) {
      ALEXNET_TRY(on->require_immediate());
      // A host stream reads a GPU's memory: the GPU copies on its default stream, and the host waits for it.
      ALEXNET_TRY(source->device().copy(nullptr, to_address, from_address, bytes));
      return source->device().synchronize(nullptr);
    }
    const bool peers = &source->device() != &on->device() && source->arena().memory == MemoryKind::kDevice;
    const auto copy = [on = on.shared().get(), to_address, from_address, bytes, peers]() -> Status {
      on->hesitate();
      ALEXNET_TRY(on->device().copy(on->handle, to_address, from_address, bytes));
      if (peers && on->device().kind() != Kind::kCuda && fault_is("peer_zeros")) {
        std::memset(to_address, 0, size_t(bytes));
      }
      return {};
    };
    return queue(*on, {target, source}, copy);
  });
}

alexnet_status alexnet_clear(alexnet_stream* stream, alexnet_buffer* to, int64_t first_byte, int64_t bytes) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> on;
    std::shared_ptr<Buffer> target;
    ALEXNET_TRY(claim_stream("stream", stream, &on));
    ALEXNET_TRY(on->require_any_call());
    ALEXNET_TRY(find("to", to, &target));
    ALEXNET_TRY(check_device("to", *target, *on));
    ALEXNET_TRY(check_range("to", *target, first_byte, bytes));
    char* const address = target->address() + first_byte;
    ALEXNET_TRY(on->declare("clear", "bytes", {writes(address, bytes)}));
    const auto clear = [on = on.shared().get(), address, bytes] {
      on->hesitate();
      return on->device().clear(on->handle, address, bytes);
    };
    return queue(*on, {target}, clear);
  });
}

alexnet_status alexnet_fill(alexnet_stream* stream, alexnet_buffer* to, int64_t first, int64_t count, float value) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> on;
    std::shared_ptr<Buffer> target;
    ALEXNET_TRY(claim_stream("stream", stream, &on));
    ALEXNET_TRY(on->require_any_call());
    ALEXNET_TRY(find("to", to, &target));
    ALEXNET_TRY(check_device("to", *target, *on));
    const int64_t available = target->bytes / int64_t(sizeof(float));
    ALEXNET_REQUIRE(first >= 0 && count >= 0 && first <= available && count <= available - first, ALEXNET_BAD_SHAPE,
                    "floats %lld to %lld + %lld, the buffer has %lld", static_cast<long long>(first),
                    static_cast<long long>(first), static_cast<long long>(count), static_cast<long long>(available));
    float* const address = reinterpret_cast<float*>(target->address()) + first;
    ALEXNET_TRY(on->declare("fill", "floats", {writes(address, count * int64_t(sizeof(float)))}));
    const auto fill = [on = on.shared().get(), address, count, value] {
      on->hesitate();
      return on->device().fill(on->handle, address, count, value);
    };
    return queue(*on, {target}, fill);
  });
}
