// driver_objects: devices, streams, events, memory, graphs and trials, called somehow.
#include <cstring>

#include "check/driver.h"

namespace alexnet::check {

namespace {

constexpr int64_t kArenaBytes = 64 << 10;
constexpr int64_t kBufferBytes = 8 << 10;  // with kHostBytes on the host's side

// Calls `make` with a place for a handle, and keeps what it gives.
template <class Handle, class Make>
alexnet_status made(Thread& t, Type type, const Make& make) {
  Handle* handle = nullptr;
  Handle** const place = t.output(&handle);
  const alexnet_status status = make(place);
  t.expect(place == nullptr ? status != ALEXNET_OK : (status == ALEXNET_OK) == (handle != nullptr),
           "a handle is given on success and only then");
  if (handle != nullptr) t.keep(type, handle);
  return status;
}

// Calls `get` with a place for a value.
template <class T, class Get>
alexnet_status got(Thread& t, T before, const Get& get) {
  T value = before;
  T* const place = t.output(&value);
  const alexnet_status status = get(place);
  t.expect(place != nullptr || status != ALEXNET_OK, "null was written to");
  t.expect(status == ALEXNET_OK || std::memcmp(&value, &before, sizeof value) == 0, "written without success");
  return status;
}

template <class Describe>
alexnet_status text_of(Thread& t, const Describe& describe) {
  char text[1024];
  std::memset(text, '#', sizeof text);
  char* const place = t.output(&text[0]);
  const int64_t bytes = t.one_of<int64_t>({-1, 0, 1, 40, sizeof text - 1, INT64_MIN});
  const alexnet_status status = describe(place, bytes);
  t.expect(status == ALEXNET_OK || text[0] == '#', "written without success");
  t.expect(bytes < 0 || text[bytes] == '#', "written behind the end");
  return status;
}

alexnet_status open_device(Thread& t) {
  // cuda as well: most machines have none, and say so.
  const int32_t kind = t.number(t.one_in(8) ? int32_t(t.below(3)) : t.home_kind);
  const int32_t index = t.number(int32_t(t.one_in(8)));
  if (kind == ALEXNET_CUDA) return alexnet_device_open(kind, -1, t.output(static_cast<alexnet_device**>(nullptr)));
  return made<alexnet_device>(t, kDevice, [&](auto** at) { return alexnet_device_open(kind, index, at); });
}

alexnet_status create_arena(Thread& t) {
  int64_t bytes = kArenaBytes;
  // Nothing that a machine with much memory would really give.
  if (t.one_in(8)) bytes = t.one_of<int64_t>({-1, 0, 1, 255, INT64_MIN, INT64_MAX, int64_t(1) << 44});
  const int32_t memory = t.number(int32_t(t.below(2)));
  return made<alexnet_arena>(t, kArena, [&](auto** at) { return alexnet_arena_create(t.device(), memory, bytes, at); });
}

alexnet_status create_buffer(Thread& t) {
  const int64_t offset = t.size(int64_t(t.below(8)) * kBufferBytes);
  const int64_t bytes = t.size(kBufferBytes);
  auto* const arena = t.any<alexnet_arena>(kArena, false);
  return made<alexnet_buffer>(t, kBuffer, [&](auto** at) { return alexnet_buffer_create(arena, offset, bytes, at); });
}

alexnet_status record_graph(Thread& t) {
  alexnet_stream* streams[3] = {t.stream(), t.stream(), t.stream()};
  const int32_t count = t.one_in(8) ? t.one_of({-1, 0, INT32_MIN}) : int32_t(1 + t.below(3));
  alexnet_stream* const* const list = t.one_in(32) ? nullptr : streams;
  return made<alexnet_graph>(t, kGraph, [&](auto** at) { return alexnet_graph_record(list, count, at); });
}

alexnet_status set_fault(Thread& t) {
  return alexnet_fault(t.one_of<const char*>({nullptr, nullptr, "", "nonsense", "memory:1", "device_lost:relu/fprop:1",
                                              "failed:add/fprop@emu:0:2", "out_of_memory:cpu:0:1", "missing_wait:1",
                                              "peer_refused", "peer_zeros", "memory:99999999", "\xff\x1b[31m"}));
}

// Any handle but one of a communicator.
alexnet_communicator* communicator(Thread& t) {
  return t.any<alexnet_communicator>(t.one_of({kDevice, kStream, kEvent, kArena, kGraph}));
}

std::vector<Function> device_functions() {
  return {
      {"alexnet_abi_version", [](Thread&) { return alexnet_abi_version() == 1 ? ALEXNET_OK : ALEXNET_INTERNAL; }},
      {"alexnet_last_error",
       [](Thread&) { return std::strlen(alexnet_last_error()) < 4096 ? ALEXNET_OK : ALEXNET_INTERNAL; }},
      {"alexnet_build_info", [](Thread&) { return *alexnet_build_info() == '{' ? ALEXNET_OK : ALEXNET_INTERNAL; }},
      {"alexnet_live_handles", [](Thread&) { return alexnet_live_handles() >= 0 ? ALEXNET_OK : ALEXNET_INTERNAL; }},
      {"alexnet_device_count",
       [](Thread& t) { return got<int32_t>(t, -7, [&](auto* at) { return alexnet_device_count(t.number(2), at); }); }},
      {"alexnet_device_open", open_device},
      {"alexnet_device_close", [](Thread& t) { return alexnet_device_close(t.device()); }},
      {"alexnet_device_describe",
       [](Thread& t) {
         return text_of(t, [&](char* text, int64_t n) { return alexnet_device_describe(t.device(), text, n); });
       }},
      {"alexnet_device_memory",
       [](Thread& t) {
         int64_t total = -7;
         return got<int64_t>(t, -7, [&](auto* at) { return alexnet_device_memory(t.device(), at, t.output(&total)); });
       }},
      {"alexnet_device_reaches",
       [](Thread& t) {
         return got<int32_t>(t, -7, [&](auto* at) { return alexnet_device_reaches(t.device(), t.device(), at); });
       }},
      // Refused always: a measurement takes a second.
      {"alexnet_device_ceilings",
       [](Thread& t) { return alexnet_device_ceilings(t.device(), nullptr, t.output(&t.measured)); }},
      {"alexnet_device_threads",
       [](Thread& t) {
         return alexnet_device_threads(t.device(), t.one_of({-1, 0, 1, 2, 3, 1025, INT32_MAX}));
       }},
      {"alexnet_openmp_threads",
       [](Thread& t) {
         return alexnet_openmp_threads(t.one_of({-1, 0, 1, 1025}));
       }},
      {"alexnet_fault", set_fault},
      {"alexnet_delays",
       [](Thread& t) {
         return alexnet_delays(t.size(1), t.one_of({0, 0, 20, -1, 1000001, INT32_MIN}));
       }},
      {"alexnet_races",
       [](Thread& t) {
         return alexnet_races(t.one_of({0, 0, 1, -1}));
       }},
      // Refused always: joining would make this process wait for others.
      {"alexnet_ranks_join",
       [](Thread& t) {
         return alexnet_ranks_join(t.one_of({-1, 0, 65, INT32_MAX}), t.size(1000), t.output(&t.rank),
                                   t.output(&t.rank));
       }},
      {"alexnet_ranks_engine",
       [](Thread& t) { return text_of(t, [&](char* text, int64_t n) { return alexnet_ranks_engine(text, n); }); }},
      {"alexnet_ranks_allgather",
       [](Thread& t) {
         return alexnet_ranks_allgather(t.number(0), t.output(t.host.data()), t.output(&t.piece), t.output(&t.piece),
                                        t.number(1));
       }},
      {"alexnet_ranks_alltoall",
       [](Thread& t) {
         return alexnet_ranks_alltoall(t.number(0), t.output(t.host.data()), t.output(&t.piece), t.output(&t.piece),
                                       t.output(t.host.data()), t.output(&t.piece), t.output(&t.piece), t.number(1));
       }},
      {"alexnet_ranks_broadcast",
       [](Thread& t) { return alexnet_ranks_broadcast(t.number(0), t.output(t.host.data()), t.size(8), t.number(0)); }},
      {"alexnet_ranks_barrier", [](Thread& t) { return alexnet_ranks_barrier(t.number(0)); }},
      {"alexnet_ranks_leave", [](Thread&) { return alexnet_ranks_leave(); }},
      // Where there is an NCCL, an id would begin to listen on a port, and a communicator to wait for others: refused
      // always, as nothing here is a communicator.
      {"alexnet_communicator_library",
       [](Thread& t) {
         return text_of(t, [&](char* text, int64_t n) {
           return alexnet_communicator_library(t.one_of({"/no/such/library", "/dev/null", "\xff"}), text, n);
         });
       }},
      {"alexnet_communicator_id",
       [](Thread& t) {
         return alexnet_communicator_id(t.output(t.host.data()), t.one_of<int64_t>({-1, 0, 127, 129}));
       }},
      {"alexnet_communicator_create",
       [](Thread& t) {
         alexnet_communicator* made = nullptr;
         return alexnet_communicator_create(t.device(), t.output(t.host.data()), t.size(128), t.number(0),
                                            t.one_of({-1, 0, INT32_MAX}), t.size(1000), t.output(&made));
       }},
      {"alexnet_communicator_close", [](Thread& t) { return alexnet_communicator_close(communicator(t)); }},
      {"alexnet_communicator_allgather",
       [](Thread& t) {
         return alexnet_communicator_allgather(communicator(t), t.stream(), t.buffer(), t.output(&t.piece),
                                               t.output(&t.piece), t.number(1), t.output(&t.piece));
       }},
      {"alexnet_communicator_alltoall",
       [](Thread& t) {
         return alexnet_communicator_alltoall(communicator(t), t.stream(), t.buffer(), t.output(&t.piece),
                                              t.output(&t.piece), t.buffer(), t.output(&t.piece), t.output(&t.piece),
                                              t.number(1), t.output(&t.piece));
       }},
      {"alexnet_communicator_await",
       [](Thread& t) { return alexnet_communicator_await(communicator(t), t.size(1), t.output(&t.measured)); }},
      {"alexnet_communicator_join",
       [](Thread& t) { return alexnet_communicator_join(communicator(t), t.size(1), t.stream()); }},
      {"alexnet_ranges", [](Thread&) { return alexnet_ranges() >= 0 ? ALEXNET_OK : ALEXNET_INTERNAL; }},
      {"alexnet_range_push",
       [](Thread&) {
         alexnet_range_push("range");
         return ALEXNET_OK;
       }},
      {"alexnet_range_pop",
       [](Thread&) {
         alexnet_range_pop();
         return ALEXNET_OK;
       }},
      {"alexnet_kernel_count", [](Thread& t) { return got<int32_t>(t, -7, alexnet_kernel_count); }},
      {"alexnet_kernel_describe",
       [](Thread& t) {
         return text_of(t, [&](char* text, int64_t n) { return alexnet_kernel_describe(t.number(3), text, n); });
       }},
  };
}

std::vector<Function> stream_functions() {
  return {
      {"alexnet_stream_create",
       [](Thread& t) {
         return made<alexnet_stream>(t, kStream, [&](auto** at) { return alexnet_stream_create(t.device(), at); });
       }},
      {"alexnet_stream_close", [](Thread& t) { return alexnet_stream_close(t.any<alexnet_stream>(kStream)); }},
      {"alexnet_stream_synchronize",
       [](Thread& t) { return alexnet_stream_synchronize(t.any<alexnet_stream>(kStream)); }},
      {"alexnet_stream_native",
       [](Thread& t) {
         return got<void*>(t, &t, [&](auto** at) { return alexnet_stream_native(t.any<alexnet_stream>(kStream), at); });
       }},
      {"alexnet_stream_notes",
       [](Thread& t) {
         return text_of(t, [&](char* text, int64_t n) { return alexnet_stream_notes(t.stream(), text, n); });
       }},
      {"alexnet_stream_force_variant",
       [](Thread& t) {
         return alexnet_stream_force_variant(t.stream(),
                                             t.one_of<const char*>({"add", "relu", "conv", "no", "", nullptr}),
                                             t.one_of<const char*>({"fprop", "fprop", "bprop", "", nullptr}),
                                             t.one_of<const char*>({"vector", "", "", "\xff\x1b[31m", nullptr}));
       }},
      {"alexnet_stream_set_precision",
       [](Thread& t) {
         return alexnet_stream_set_precision(t.stream(), t.one_of<int32_t>({0, 0, 0, 1, 2, 3, 9, -1}));
       }},
      {"alexnet_stream_set_algorithm",
       [](Thread& t) {
         return alexnet_stream_set_algorithm(t.stream(), t.one_of<int32_t>({0, 0, 0, 1, 2, 9, -1}));
       }},
      {"alexnet_stream_wait", [](Thread& t) { return alexnet_stream_wait(t.any<alexnet_stream>(kStream), t.event()); }},
      {"alexnet_stream_pair_begin", [](Thread& t) { return alexnet_stream_pair_begin(t.stream(), t.stream()); }},
      {"alexnet_stream_pair_end",
       [](Thread& t) {
         // Any two are seldom the two of a pair.
         alexnet_stream *const one = t.stream(), *const other = t.stream();
         const alexnet_status status = alexnet_stream_pair_end(one, other);
         return status == ALEXNET_OK || t.one_in(2) ? status : alexnet_stream_pair_end(other, one);
       }},
      {"alexnet_stream_pair_launches",
       [](Thread& t) {
         return got<int64_t>(t, -7, [&](auto* at) { return alexnet_stream_pair_launches(t.stream(), at); });
       }},
      {"alexnet_stream_rehearse_begin", [](Thread& t) { return alexnet_stream_rehearse_begin(t.stream()); }},
      {"alexnet_stream_rehearse_end",
       [](Thread& t) {
         return got<int64_t>(t, -7, [&](auto* at) { return alexnet_stream_rehearse_end(t.stream(), at); });
       }},
      {"alexnet_event_create",
       [](Thread& t) {
         return made<alexnet_event>(t, kEvent, [&](auto** at) { return alexnet_event_create(t.device(), at); });
       }},
      {"alexnet_event_close", [](Thread& t) { return alexnet_event_close(t.event()); }},
      {"alexnet_event_record", [](Thread& t) { return alexnet_event_record(t.event(), t.stream()); }},
      {"alexnet_event_synchronize", [](Thread& t) { return alexnet_event_synchronize(t.event()); }},
      {"alexnet_event_elapsed",
       [](Thread& t) {
         return got<double>(t, -7., [&](auto* at) { return alexnet_event_elapsed(t.event(), t.event(), at); });
       }},
      {"alexnet_event_mark", [](Thread& t) { return alexnet_event_mark(t.event(), t.stream()); }},
      {"alexnet_event_times",
       [](Thread& t) {
         alexnet_event* const events[3] = {t.event(), t.event(), t.event()};
         double times[3] = {-7, -7, -7};
         const int32_t count = t.one_of({-1, 0, 1, 3, INT32_MIN});
         const alexnet_status status =
             alexnet_event_times(t.event(), t.one_in(32) ? nullptr : events, count, t.output(&times[0]));
         t.expect(status == ALEXNET_OK || (times[0] == -7 && times[2] == -7), "written without success");
         return status;
       }},
      {"alexnet_graph_record", record_graph},
      {"alexnet_graph_finish", [](Thread& t) { return alexnet_graph_finish(t.any<alexnet_graph>(kGraph)); }},
      {"alexnet_graph_launch", [](Thread& t) { return alexnet_graph_launch(t.any<alexnet_graph>(kGraph, false)); }},
      {"alexnet_graph_close", [](Thread& t) { return alexnet_graph_close(t.any<alexnet_graph>(kGraph)); }},
  };
}

std::vector<Function> memory_functions() {
  return {
      {"alexnet_arena_create", create_arena},
      {"alexnet_arena_close", [](Thread& t) { return alexnet_arena_close(t.any<alexnet_arena>(kArena)); }},
      {"alexnet_buffer_create", create_buffer},
      {"alexnet_buffer_close", [](Thread& t) { return alexnet_buffer_close(t.any<alexnet_buffer>(kBuffer)); }},
      {"alexnet_buffer_host",
       [](Thread& t) {
         return got<void*>(t, &t, [&](auto** at) { return alexnet_buffer_host(t.any<alexnet_buffer>(kBuffer), at); });
       }},
      {"alexnet_buffer_address",
       [](Thread& t) {
         return got<void*>(t, &t,
                           [&](auto** at) { return alexnet_buffer_address(t.any<alexnet_buffer>(kBuffer), at); });
       }},
      {"alexnet_buffer_touch",
       [](Thread& t) { return alexnet_buffer_touch(t.any<alexnet_buffer>(kBuffer), int32_t(t.below(2))); }},
      {"alexnet_copy_in",
       [](Thread& t) {
         return alexnet_copy_in(t.stream(), t.buffer(), t.size(int64_t(t.below(64))), t.output(t.host.data()),
                                t.size(int64_t(t.below(4096))));
       }},
      {"alexnet_copy_out",
       [](Thread& t) {
         return alexnet_copy_out(t.stream(), t.output(t.host.data()), t.buffer(), t.size(int64_t(t.below(64))),
                                 t.size(int64_t(t.below(4096))));
       }},
      {"alexnet_copy",
       [](Thread& t) {
         return alexnet_copy(t.stream(), t.buffer(), t.size(int64_t(t.below(64))), t.buffer(),
                             t.size(int64_t(t.below(64))), t.size(int64_t(t.below(4096))));
       }},
      {"alexnet_clear",
       [](Thread& t) {
         return alexnet_clear(t.stream(), t.buffer(), t.size(int64_t(t.below(64))), t.size(int64_t(t.below(4096))));
       }},
      {"alexnet_fill",
       [](Thread& t) {
         return alexnet_fill(t.stream(), t.buffer(), t.size(int64_t(t.below(64))), t.size(int64_t(t.below(1024))), .5f);
       }},
  };
}

}  // namespace

std::vector<Function> object_functions() {
  std::vector<Function> all = device_functions();
  for (const auto& part : {stream_functions(), memory_functions()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace alexnet::check
