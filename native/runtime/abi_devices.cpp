// The C ABI's bodies: status, devices, streams, events.
#include <cstring>

#include "alexnet.h"
#include "runtime/build_info.h"
#include "runtime/ceilings.h"
#include "runtime/delays.h"
#include "runtime/device.h"
#include "runtime/fault.h"
#include "runtime/graph.h"
#include "runtime/guard.h"

using namespace alexnet;

int32_t alexnet_abi_version(void) { return 1; }
const char* alexnet_last_error(void) { return last_error(); }
int64_t alexnet_live_handles(void) { return live_handles(); }
const char* alexnet_build_info(void) { return build_info(); }

namespace {

Status check_kind(int32_t kind) {
  ALEXNET_REQUIRE(kind == ALEXNET_EMU || kind == ALEXNET_CUDA || kind == ALEXNET_CPU, ALEXNET_BAD_ARGUMENT,
                  "kind is %d; allowed are 0 (emu), 1 (cuda), 2 (cpu)", kind);
  return {};
}

}  // namespace

// ---- devices --------------------------------------------------------------------------------------------------------

alexnet_status alexnet_device_count(int32_t kind, int32_t* count) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(count != nullptr, ALEXNET_BAD_ARGUMENT, "count is null");
    ALEXNET_TRY(check_kind(kind));
    return device_count(Kind(kind), count);
  });
}

alexnet_status alexnet_device_open(int32_t kind, int32_t index, alexnet_device** device) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(device != nullptr, ALEXNET_BAD_ARGUMENT, "device is null");
    ALEXNET_TRY(check_kind(kind));
    std::shared_ptr<Device> object;
    ALEXNET_TRY(open_device(Kind(kind), index, &object));
    ++object->handles;
    give_handle(object, device);
    return {};
  });
}

alexnet_status alexnet_device_close(alexnet_device* device) {
  return guard(__func__, [&]() -> Status {
    const auto may_close = [](Device& open) -> Status {
      ALEXNET_REQUIRE(open.handles > 1 || open.children == 0, ALEXNET_WRONG_STATE,
                      "%s still has %lld streams, events and arenas", open.name().c_str(),
                      static_cast<long long>(open.children));
      --open.handles;  // with the table locked: of two last handles the second one sees it
      return {};
    };
    std::shared_ptr<Device> object;
    return take("device", device, may_close, &object);
  });
}

alexnet_status alexnet_device_describe(alexnet_device* device, char* text, int64_t text_bytes) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> object;
    ALEXNET_TRY(find("device", device, &object));
    return copy_text(object->describe(), text, text_bytes);
  });
}

alexnet_status alexnet_device_memory(alexnet_device* device, int64_t* free_bytes, int64_t* total_bytes) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> object;
    ALEXNET_TRY(find("device", device, &object));
    ALEXNET_REQUIRE(free_bytes != nullptr && total_bytes != nullptr, ALEXNET_BAD_ARGUMENT,
                    "free_bytes or total_bytes is null");
    return object->memory(free_bytes, total_bytes);
  });
}

alexnet_status alexnet_device_ceilings(alexnet_device* device, double* gflops, double* gigabytes) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> object;
    ALEXNET_TRY(find("device", device, &object));
    ALEXNET_REQUIRE(gflops != nullptr && gigabytes != nullptr, ALEXNET_BAD_ARGUMENT, "gflops or gigabytes is null");
    ALEXNET_REQUIRE(object->kind() != Kind::kEmu, ALEXNET_UNSUPPORTED, "%s has no ceilings: its time means nothing",
                    object->name().c_str());
    constexpr int64_t kCpuBytes = 512 << 20;
    int64_t free_bytes = 0, total_bytes = 0;
    ALEXNET_TRY(object->memory(&free_bytes, &total_bytes));
    ALEXNET_REQUIRE(object->kind() != Kind::kCpu || total_bytes == 0 || free_bytes > kCpuBytes, ALEXNET_OUT_OF_MEMORY,
                    "%s has %lld bytes of free memory; the measurement takes %lld", object->name().c_str(),
                    static_cast<long long>(free_bytes), static_cast<long long>(kCpuBytes));
    Ceilings ceilings;
    ALEXNET_TRY(object->kind() == Kind::kCpu ? measure_cpu_ceilings(object->cores(), &ceilings)
                                             : measure_cuda_ceilings(object->index(), &ceilings));
    *gflops = ceilings.fma_gflops;
    *gigabytes = ceilings.copy_gbs;
    return {};
  });
}

alexnet_status alexnet_device_reaches(alexnet_device* device, alexnet_device* peer, int32_t* reaches) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> object, other;
    ALEXNET_TRY(find("device", device, &object));
    ALEXNET_TRY(find("peer", peer, &other));
    ALEXNET_REQUIRE(reaches != nullptr, ALEXNET_BAD_ARGUMENT, "reaches is null");
    *reaches = object->reaches(*other) ? 1 : 0;
    return {};
  });
}

alexnet_status alexnet_device_threads(alexnet_device* device, int32_t threads) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> object;
    ALEXNET_TRY(find("device", device, &object));
    ALEXNET_REQUIRE(threads >= 1 && threads <= 1024, ALEXNET_BAD_ARGUMENT, "threads is %d; allowed are 1 to 1024",
                    threads);
    return object->use_threads(threads);
  });
}

// ---- streams --------------------------------------------------------------------------------------------------------

alexnet_status alexnet_stream_create(alexnet_device* device, alexnet_stream** stream) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> object;
    ALEXNET_TRY(find("device", device, &object));
    ALEXNET_REQUIRE(stream != nullptr, ALEXNET_BAD_ARGUMENT, "stream is null");
    void* handle = nullptr;
    ALEXNET_TRY(object->create_stream(&handle));
    return give_handle(std::make_shared<StreamObject>(object, handle), "device", device, stream);
  });
}

alexnet_status alexnet_stream_close(alexnet_stream* stream) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim("stream", stream, &object));
    ALEXNET_REQUIRE(object->graphs == 0, ALEXNET_WRONG_STATE, "the stream is part of %lld graphs",
                    static_cast<long long>(object->graphs));
    ALEXNET_REQUIRE(object->pair() == nullptr, ALEXNET_WRONG_STATE, "the stream is in a pair");
    std::shared_ptr<StreamObject> closed;
    ALEXNET_TRY(take("stream", stream, &closed));
    object.keep_for_ever();
    return closed->release_workspace();
  });
}

alexnet_status alexnet_stream_rehearse_begin(alexnet_stream* stream) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    return object->begin_rehearsal();
  });
}

alexnet_status alexnet_stream_rehearse_end(alexnet_stream* stream, int64_t* workspace_bytes) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    ALEXNET_REQUIRE(workspace_bytes != nullptr, ALEXNET_BAD_ARGUMENT, "workspace_bytes is null");
    ALEXNET_TRY(object->end_rehearsal());
    *workspace_bytes = object->workspace_bytes();
    return {};
  });
}

alexnet_status alexnet_stream_notes(alexnet_stream* stream, char* text, int64_t text_bytes) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    return copy_text(object->notes(), text, text_bytes);
  });
}

alexnet_status alexnet_stream_force_variant(alexnet_stream* stream, const char* family, const char* pass,
                                            const char* variant) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    ALEXNET_TRY(require_variant(object->device().kind(), family, pass, variant));
    ALEXNET_TRY(object->require_immediate());
    object->force(family, pass, variant);
    return {};
  });
}

alexnet_status alexnet_stream_set_precision(alexnet_stream* stream, int32_t precision) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    ALEXNET_REQUIRE(precision >= ALEXNET_PRECISION_FP32 && precision <= ALEXNET_PRECISION_3XTF32, ALEXNET_BAD_ARGUMENT,
                    "precision is %d; allowed: %d (fp32), %d (tf32), %d (bf16), %d (3xtf32)", precision,
                    ALEXNET_PRECISION_FP32, ALEXNET_PRECISION_TF32, ALEXNET_PRECISION_BF16, ALEXNET_PRECISION_3XTF32);
    ALEXNET_TRY(object->require_immediate());
    return object->use_precision(Precision(precision));
  });
}

alexnet_status alexnet_stream_set_algorithm(alexnet_stream* stream, int32_t algorithm) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    ALEXNET_REQUIRE(algorithm >= ALEXNET_ALGORITHM_DIRECT && algorithm <= ALEXNET_ALGORITHM_WINOGRAD4,
                    ALEXNET_BAD_ARGUMENT, "algorithm is %d; allowed: %d (direct), %d (winograd2), %d (winograd4)",
                    algorithm, ALEXNET_ALGORITHM_DIRECT, ALEXNET_ALGORITHM_WINOGRAD2, ALEXNET_ALGORITHM_WINOGRAD4);
    ALEXNET_TRY(object->require_immediate());
    return object->use_algorithm(Algorithm(algorithm));
  });
}

alexnet_status alexnet_stream_synchronize(alexnet_stream* stream) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> object;
    ALEXNET_TRY(claim_stream("stream", stream, &object));
    ALEXNET_TRY(object->require_immediate());
    return object->blame(object->synchronize());
  });
}

alexnet_status alexnet_stream_native(alexnet_stream* stream, void** native) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<StreamObject> object;
    ALEXNET_TRY(find("stream", stream, &object));
    ALEXNET_REQUIRE(native != nullptr, ALEXNET_BAD_ARGUMENT, "native is null");
    *native = object->handle;
    return {};
  });
}

alexnet_status alexnet_stream_wait(alexnet_stream* stream, alexnet_event* event) {
  return guard(__func__, [&]() -> Status {
    Claim<StreamObject> waiting;
    std::shared_ptr<EventObject> awaited;
    ALEXNET_TRY(claim_stream("stream", stream, &waiting));
    ALEXNET_TRY(find("event", event, &awaited));
    ALEXNET_TRY(waiting->require_any_call());
    if (const GraphObject* graph = waiting->recording()) {
      ALEXNET_REQUIRE(graph->has_mark(*awaited), ALEXNET_WRONG_STATE, "the event is not part of this recording");
    } else {
      ALEXNET_REQUIRE(awaited->recorded, ALEXNET_WRONG_STATE, "the event was never recorded");
    }
    if (fault_is_due("missing_wait") && waiting->device().kind() != Kind::kCuda) return {};
    return waiting->wait(*awaited);
  });
}

// ---- events ---------------------------------------------------------------------------------------------------------

alexnet_status alexnet_event_create(alexnet_device* device, alexnet_event** event) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<Device> object;
    ALEXNET_TRY(find("device", device, &object));
    ALEXNET_REQUIRE(event != nullptr, ALEXNET_BAD_ARGUMENT, "event is null");
    void* handle = nullptr;
    ALEXNET_TRY(object->create_event(&handle));
    return give_handle(std::make_shared<EventObject>(object, handle), "device", device, event);
  });
}

alexnet_status alexnet_event_close(alexnet_event* event) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<EventObject> object;
    return take("event", event, &object);
  });
}

alexnet_status alexnet_event_record(alexnet_event* event, alexnet_stream* stream) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<EventObject> mark;
    Claim<StreamObject> place;
    ALEXNET_TRY(find("event", event, &mark));
    ALEXNET_TRY(claim_stream("stream", stream, &place));
    ALEXNET_REQUIRE(&mark->device() == &place->device(), ALEXNET_BAD_ARGUMENT, "event lives on %s, the stream on %s",
                    mark->device().name().c_str(), place->device().name().c_str());
    ALEXNET_TRY(place->require_any_call());
    ALEXNET_TRY(place->record(*mark));
    if (GraphObject* graph = place->recording()) {
      graph->mark(mark);  // a mark inside the graph only: nobody outside can wait for it
      mark->recorded = false;
    } else {
      mark->recorded = true;
    }
    return {};
  });
}

alexnet_status alexnet_event_synchronize(alexnet_event* event) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<EventObject> object;
    ALEXNET_TRY(find("event", event, &object));
    ALEXNET_REQUIRE(object->recorded, ALEXNET_WRONG_STATE, "the event was never recorded");
    return object->synchronize();
  });
}

alexnet_status alexnet_event_elapsed(alexnet_event* from, alexnet_event* to, double* time_us) {
  return guard(__func__, [&]() -> Status {
    std::shared_ptr<EventObject> begin, end;
    ALEXNET_TRY(find("from", from, &begin));
    ALEXNET_TRY(find("to", to, &end));
    ALEXNET_REQUIRE(time_us != nullptr, ALEXNET_BAD_ARGUMENT, "time_us is null");
    ALEXNET_REQUIRE(&begin->device() == &end->device(), ALEXNET_BAD_ARGUMENT, "from lives on %s, to on %s",
                    begin->device().name().c_str(), end->device().name().c_str());
    ALEXNET_REQUIRE(begin->recorded && end->recorded, ALEXNET_WRONG_STATE, "an event was never recorded");
    return begin->device().elapsed(begin->handle, end->handle, time_us);
  });
}

// ---- trials ---------------------------------------------------------------------------------------------------------

alexnet_status alexnet_fault(const char* text) {
  return guard(__func__, [&]() -> Status { return set_fault(text); });
}

alexnet_status alexnet_delays(int64_t seed, int32_t longest_us) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(longest_us >= 0 && longest_us <= 1000000, ALEXNET_BAD_ARGUMENT,
                    "longest_us is %d; allowed are 0 to 1000000", longest_us);
    delays::set(uint64_t(seed), longest_us);
    return {};
  });
}

alexnet_status alexnet_races(int32_t on) {
  return guard(__func__, [&]() -> Status {
    races::search(on != 0);
    return {};
  });
}
