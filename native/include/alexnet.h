// The whole C ABI of alexnet4j: devices, memory, streams, events and the operations of the network.
//
// Rules. Every function returns a status; outputs are written only on ALEXNET_OK; the text of the last failure on the
// calling thread is alexnet_last_error(). Handles are opaque; a null, closed or foreign handle is BAD_ARGUMENT, never a
// crash. Operations check every shape and the byte size of every buffer before anything is launched. An operation
// runs on the device of its stream; all its buffers must live on that device. On `cuda` operations are asynchronous; on
// `emu` and `cpu` they have finished when the call returns. Floats are 32-bit; shapes and layouts are in shapes.h.
//
// Threads. Any function may be called by any thread at any time, with any handle: the worst is a status. Each says what
// it does beside calls of other threads:
//   [any]     any number at once, on the same handles as well.
//   [stream]  one call at a time on a stream: while another one is at work on it, also one of another stream's thread,
//             the call is WRONG_STATE and does nothing. It never waits for that other call. The same while another
//             thread records the stream. Different streams work at once.
//   [graph]   one call at a time on a graph, likewise, and it needs the graph's streams for itself.
//   [close]   of several closes of one handle exactly one is OK; the others are BAD_ARGUMENT or WRONG_STATE. Nothing is
//             made on a handle that is being closed: either that call or the close fails. What a call works with stays
//             until it returns; a buffer that is closed meanwhile still counts as one of its arena's.
// What the bytes of a buffer are is another matter: two streams that use the same ones need an event between them, on
// emu and cpu too, and memory that the caller hands over (shapes, arrays, host addresses) must not change during a
// call.
#ifndef ALEXNET_H
#define ALEXNET_H

#include <stdint.h>

#include "shapes.h"
#include "status.h"

#if defined(__GNUC__)
#define ALEXNET_API __attribute__((visibility("default")))
#else
#define ALEXNET_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

// ---- status ---------------------------------------------------------------------------------------------------------

// The codes are in status.h.

// [any]
ALEXNET_API int32_t alexnet_abi_version(void);     // 1
ALEXNET_API const char* alexnet_last_error(void);  // of this thread; "" if none; valid until the next failing call
ALEXNET_API const char* alexnet_build_info(
    void);  // one JSON object: compiler, CUDA targets and toolkit, kinds, sanitizer
ALEXNET_API int64_t
alexnet_live_handles(void);  // devices, streams, events, arenas, buffers, graphs, communicators open

// ---- devices, streams, events ---------------------------------------------------------------------------------------

typedef struct alexnet_device alexnet_device;
typedef struct alexnet_stream alexnet_stream;
typedef struct alexnet_event alexnet_event;
typedef struct alexnet_arena alexnet_arena;
typedef struct alexnet_buffer alexnet_buffer;
typedef struct alexnet_graph alexnet_graph;
typedef struct alexnet_communicator alexnet_communicator;

enum { ALEXNET_EMU = 0, ALEXNET_CUDA = 1, ALEXNET_CPU = 2 };
// How the factors of products are rounded: not at all, or to the nearest of 11 significant bits, ties away from zero;
// or to such a number and a second one for what then remains, 22 bits in all: no less exact than FP32 once products are
// summed. Or in which type activations, their gradients and the weights that products read are stored: bfloat16,
// rounded to nearest even.
enum {
  ALEXNET_PRECISION_FP32 = 0,
  ALEXNET_PRECISION_TF32 = 1,
  ALEXNET_PRECISION_BF16 = 2,
  ALEXNET_PRECISION_3XTF32 = 3
};
// How convolutions multiply: every product of the formula; or fewer by Winograd's minimal filtering, with tiles of
// 2 x 2 or of 4 x 4 outputs, whose sums round otherwise: those of 4 x 4 several times as much
// (docs/measurements/cpu.md).
enum { ALEXNET_ALGORITHM_DIRECT = 0, ALEXNET_ALGORITHM_WINOGRAD2 = 1, ALEXNET_ALGORITHM_WINOGRAD4 = 2 };

// [any]
ALEXNET_API alexnet_status alexnet_device_count(int32_t kind,
                                                int32_t* count);  // emu and cpu: 64; cuda: 0 without a driver
// A device that is open already is given out once more: the same device under another handle, to be closed as well.
// [any]
ALEXNET_API alexnet_status alexnet_device_open(int32_t kind, int32_t index, alexnet_device** device);
// WRONG_STATE for the last handle of a device while streams, events, arenas or communicators live on it. [close]
ALEXNET_API alexnet_status alexnet_device_close(alexnet_device* device);
// [any]
ALEXNET_API alexnet_status alexnet_device_describe(alexnet_device* device, char* text, int64_t text_bytes);  // JSON
// What this process may still take of the device's memory, and what it may have in all. emu and cpu share the host's,
// of which control groups and process limits may leave less than the machine has. [any]
ALEXNET_API alexnet_status alexnet_device_memory(alexnet_device* device, int64_t* free_bytes, int64_t* total_bytes);
// What the device reaches, measured by this call in about a second: float operations of independent multiply-adds (one
// counts as two), and bytes read and written by a copy of arrays beyond its caches, both times 1e9 a second. It takes
// 512 MiB of host memory on cpu, 2 GiB of the GPU's on cuda; UNSUPPORTED on emu, OUT_OF_MEMORY
// where less is free. Nothing else should run meanwhile. [any]
ALEXNET_API alexnet_status alexnet_device_ceilings(alexnet_device* device, double* gflops, double* gigabytes);
// 1 if copies between the two go directly and operations of `device` may write to memory of `peer`: always on host
// devices of one kind, and on GPUs that have peer access; else 0. [any]
ALEXNET_API alexnet_status alexnet_device_reaches(alexnet_device* device, alexnet_device* peer, int32_t* reaches);
// emu and cpu: how many cores the device's own operations may use (default 1); UNSUPPORTED on cuda. [any], for
// operations that begin later
ALEXNET_API alexnet_status alexnet_device_threads(alexnet_device* device, int32_t threads);
// Threads of the OpenMP regions that the calling thread starts in other libraries (oneDNN); UNSUPPORTED if no OpenMP
// runtime is loaded. [any]
ALEXNET_API alexnet_status alexnet_openmp_threads(int32_t threads);

ALEXNET_API alexnet_status alexnet_stream_create(alexnet_device* device, alexnet_stream** stream);  // [any]
ALEXNET_API alexnet_status alexnet_stream_close(alexnet_stream* stream);                            // [close] [stream]
ALEXNET_API alexnet_status alexnet_stream_synchronize(alexnet_stream* stream);                      // [stream]
// For other libraries that shall work on the same queue: its cudaStream_t; null on emu and cpu, which have none. [any]
ALEXNET_API alexnet_status alexnet_stream_native(alexnet_stream* stream, void** native);
ALEXNET_API alexnet_status alexnet_stream_wait(alexnet_stream* stream, alexnet_event* event);  // [stream]
// A rehearsal: from begin to end, operations on the stream are checked as always (shapes, buffers, a kernel for them)
// and launch nothing. end provides the largest workspace that one of them needs, so that none is allocated later, and
// says how large the stream's is now. An operation that needs more than its stream has is WRONG_STATE. Copies, fills
// and events on a stream in a rehearsal are WRONG_STATE. [stream]
ALEXNET_API alexnet_status alexnet_stream_rehearse_begin(alexnet_stream* stream);
ALEXNET_API alexnet_status alexnet_stream_rehearse_end(alexnet_stream* stream, int64_t* workspace_bytes);
// From now on the stream's operations run that variant of a family's pass, whatever shape and environment say: the
// names of alexnet_kernel_describe. "" leaves the choice to them again. BAD_ARGUMENT names what the kind of device has,
// UNSUPPORTED is then an operation whose shape the variant does not take. To be called before a rehearsal; WRONG_STATE
// in one and in a recording. [stream]
ALEXNET_API alexnet_status alexnet_stream_force_variant(alexnet_stream* stream, const char* family, const char* pass,
                                                        const char* variant);
// From now on the products of the stream's convolutions, locally connected and fully-connected layers have factors of
// that precision, one of ALEXNET_PRECISION_*; sums, biases, updates and all else are float32. With BF16 the operations
// take and give bfloat16, two bytes a value, for what is an activation or its gradient (x, y, dy, dx, mask, logits,
// dlogits) and for the w of fprop and dgrad. BAD_ARGUMENT for others. To be called before a rehearsal; WRONG_STATE in
// one and in a recording. [stream]
ALEXNET_API alexnet_status alexnet_stream_set_precision(alexnet_stream* stream, int32_t precision);
// From now on the stream's convolutions multiply by that algorithm, one of ALEXNET_ALGORITHM_*, where it takes their
// shape: others stay DIRECT. BAD_ARGUMENT for other values. WINOGRAD2 and WINOGRAD4 are of cpu in FP32 alone:
// UNSUPPORTED elsewhere, as is another precision after them, until the algorithm is DIRECT again. To be called before a
// rehearsal; WRONG_STATE in one and in a recording. [stream]
ALEXNET_API alexnet_status alexnet_stream_set_algorithm(alexnet_stream* stream, int32_t algorithm);
// What the stream's rehearsals found, a line for each, in words: an operation whose shape the quick kernels do not
// take, so that it is slow; one that the stream's algorithm does not take, so that it is multiplied directly; a forced
// variant of a pass that no operation is of. Empty if nothing. [stream]
ALEXNET_API alexnet_status alexnet_stream_notes(alexnet_stream* stream, char* text, int64_t text_bytes);

// A pair: from begin to end, operations on the two streams of a device are checked as always and queued on the first
// one, behind all that was queued on either before; the launches that both streams then have alike, position by
// position, are one launch. Which launches can be is up to their kernels; others are queued one after the other, the
// first stream's first. Results are the same. Launches wait for end, which tells their errors; what is queued on either
// stream after it comes behind them. Each operation uses its own stream's workspace; BAD_ARGUMENT is one that writes
// what an operation of the other stream reads or writes, or reads what it writes. What else works on these streams is
// WRONG_STATE: copies, fills, events, marks, closing, a rehearsal, another pair, the end of a recording. So is begin
// for a stream in a rehearsal, or if the two are not both part of one recording, or neither of any. An operation that
// fails changes nothing of the pair. end is WRONG_STATE, and changes nothing, if the two are no pair in this order;
// otherwise it ends the pair, even if it fails. Both are [stream] of two streams.
ALEXNET_API alexnet_status alexnet_stream_pair_begin(alexnet_stream* first, alexnet_stream* second);
ALEXNET_API alexnet_status alexnet_stream_pair_end(alexnet_stream* first, alexnet_stream* second);
// How many launches on the stream were of both streams of a pair; a recording on cuda counts as one of each, elsewhere
// each launch of the graph does. [stream]
ALEXNET_API alexnet_status alexnet_stream_pair_launches(alexnet_stream* stream, int64_t* launches);

// An event may be recorded by one thread while others wait for it; which of two records they see is not said.
ALEXNET_API alexnet_status alexnet_event_create(alexnet_device* device, alexnet_event** event);             // [any]
ALEXNET_API alexnet_status alexnet_event_close(alexnet_event* event);                                       // [close]
ALEXNET_API alexnet_status alexnet_event_record(alexnet_event* event, alexnet_stream* stream);              // [stream]
ALEXNET_API alexnet_status alexnet_event_synchronize(alexnet_event* event);                                 // [any]
ALEXNET_API alexnet_status alexnet_event_elapsed(alexnet_event* from, alexnet_event* to, double* time_us);  // [any]
// Takes the time at which a stream gets here, for times only: nobody can wait for it. On a stream that is being
// recorded every launch of the graph takes the time anew. [stream]
ALEXNET_API alexnet_status alexnet_event_mark(alexnet_event* event, alexnet_stream* stream);
// Microseconds from an event to each of `count` others; all of them must have been reached. On cuda all are of one
// device. [any]
ALEXNET_API alexnet_status alexnet_event_times(alexnet_event* from, alexnet_event* const* events, int32_t count,
                                               double* times_us);

// ---- trials ---------------------------------------------------------------------------------------------------------

// For tests, and process-wide. Host devices alone take part in faults and delays. All [any].
// A fault on request (runtime/fault.h lists them) in place of the one that ALEXNET_FAULT names, which null brings back.
ALEXNET_API alexnet_status alexnet_fault(const char* text);
// Before whatever a stream does it holds still for 0 to longest_us microseconds, at random from a seed; 0 ends it.
ALEXNET_API alexnet_status alexnet_delays(int64_t seed, int32_t longest_us);
// 1: accesses of two streams to the same bytes that no event orders are INTERNAL, and the text names both; 0 ends it.
// ALEXNET_RACES=on begins with it.
ALEXNET_API alexnet_status alexnet_races(int32_t on);

// ---- memory ---------------------------------------------------------------------------------------------------------

enum { ALEXNET_MEMORY_DEVICE = 0, ALEXNET_MEMORY_HOST = 1 };  // HOST: pinned on cuda, plain on emu and cpu

// One allocation, released by close. Buffers are views [offset, offset + bytes) of an arena; offsets are multiples of
// 256. Contents are undefined until written (emu fills them with NaN bytes). [any]
ALEXNET_API alexnet_status alexnet_arena_create(alexnet_device* device, int32_t memory, int64_t bytes,
                                                alexnet_arena** arena);
// WRONG_STATE while buffers live. [close]
ALEXNET_API alexnet_status alexnet_arena_close(alexnet_arena* arena);
// [any]
ALEXNET_API alexnet_status alexnet_buffer_create(alexnet_arena* arena, int64_t offset_bytes, int64_t bytes,
                                                 alexnet_buffer** buffer);
ALEXNET_API alexnet_status alexnet_buffer_close(alexnet_buffer* buffer);  // [close]
// The host address of a buffer on emu, cpu or in HOST memory; UNSUPPORTED for cuda device memory.
// It is valid until the arena is closed. [any]
ALEXNET_API alexnet_status alexnet_buffer_host(alexnet_buffer* buffer, void** host);
// For other libraries on the same device: the address of a buffer wherever it is. It is valid until the arena is
// closed, and nothing here knows what is done with it. [any]
ALEXNET_API alexnet_status alexnet_buffer_address(alexnet_buffer* buffer, void** address);

// The calling thread is about to read, or write, a buffer in host memory by itself. For the search for races, which
// sees such accesses only so: INTERNAL if it has not waited for a stream that uses the same bytes. [any]
ALEXNET_API alexnet_status alexnet_buffer_touch(alexnet_buffer* buffer, int32_t writes);

// All [stream].
ALEXNET_API alexnet_status alexnet_copy_in(alexnet_stream* stream, alexnet_buffer* to, int64_t to_offset,
                                           const void* host, int64_t bytes);
ALEXNET_API alexnet_status alexnet_copy_out(alexnet_stream* stream, void* host, alexnet_buffer* from,
                                            int64_t from_offset, int64_t bytes);
// Between any two buffers, same or different device; runs on `stream`, which belongs to the destination's device.
ALEXNET_API alexnet_status alexnet_copy(alexnet_stream* stream, alexnet_buffer* to, int64_t to_offset,
                                        alexnet_buffer* from, int64_t from_offset, int64_t bytes);
ALEXNET_API alexnet_status alexnet_fill(alexnet_stream* stream, alexnet_buffer* to, int64_t first, int64_t count,
                                        float value);  // first, count in floats
// Bytes that become 0, whatever values they are of.
ALEXNET_API alexnet_status alexnet_clear(alexnet_stream* stream, alexnet_buffer* to, int64_t first_byte, int64_t bytes);

// ---- graphs ---------------------------------------------------------------------------------------------------------

// From record to finish, by one thread, what is queued on the streams is not done but recorded: operations, copies
// between buffers, fills, events, marks and pairs of streams. Waiting for an event needs its record in the same
// recording. Everything else is WRONG_STATE on these streams. The streams are of one kind; on cuda they may belong to
// several devices, and the graph is one CUDA graph. launch queues it all on the first stream, behind what is there; the
// other streams do not wait for it. A graph keeps its buffers: their arena cannot be closed before it. Its streams can
// neither be closed nor get a larger workspace while it lives. Closing a graph that is being recorded throws the
// recording away; on cuda the recording thread alone can do that. record, finish and launch are [graph] (launch on cuda
// needs the first stream alone), close is [close] too.
ALEXNET_API alexnet_status alexnet_graph_record(alexnet_stream* const* streams, int32_t count, alexnet_graph** graph);
ALEXNET_API alexnet_status alexnet_graph_finish(alexnet_graph* graph);
ALEXNET_API alexnet_status alexnet_graph_launch(alexnet_graph* graph);
ALEXNET_API alexnet_status alexnet_graph_close(alexnet_graph* graph);

// ---- ranks ----------------------------------------------------------------------------------------------------------

// Processes that a launcher (mpirun) has started together. The library that knows MPI, libalexnet_mpi.so, lies beside
// this one and is loaded by join, once a process: UNSUPPORTED where it or MPI is missing. Ranks move bytes of host
// memory and never add. On each lane all of them begin the same moves in the same order; different lanes do not wait
// for each other. A move is done when it returns; BACKEND if MPI fails. Pieces have a first byte and a length for
// each of `ranks` ranks; memory may be null if no byte of it moves. All [any], a lane by one thread at a time. lanes: 1
// to 64. A move that waits longer than patience_ms (1 to 10^9) for others fails.
ALEXNET_API alexnet_status alexnet_ranks_join(int32_t lanes, int64_t patience_ms, int32_t* rank, int32_t* count);
ALEXNET_API alexnet_status alexnet_ranks_engine(char* text, int64_t text_bytes);  // name and version
// Every rank gets the pieces of all; its own lies in place.
ALEXNET_API alexnet_status alexnet_ranks_allgather(int32_t lane, void* memory, const int64_t* first_bytes,
                                                   const int64_t* bytes, int32_t ranks);
// Every rank gets a piece of every rank's `from`.
ALEXNET_API alexnet_status alexnet_ranks_alltoall(int32_t lane, const void* from, const int64_t* sent_first,
                                                  const int64_t* sent_bytes, void* to, const int64_t* received_first,
                                                  const int64_t* received_bytes, int32_t ranks);
ALEXNET_API alexnet_status alexnet_ranks_broadcast(int32_t lane, void* memory, int64_t bytes, int32_t root);
ALEXNET_API alexnet_status alexnet_ranks_barrier(int32_t lane);
// The end of all moves, on the thread that joined; all ranks come here.
ALEXNET_API alexnet_status alexnet_ranks_leave(void);

// The same moves between buffers of GPUs, by NVIDIA's NCCL: libnccl.so.2 is opened when it is first asked for, and
// UNSUPPORTED says what to install where it is missing. A communicator is one tower on all ranks, each on a GPU of its
// own. All ranks begin the same moves on it in the same order; it makes one after the other, beside whatever the
// streams do. Moves begin behind what `stream` has queued, and give a ticket: await returns once the move is complete
// here, and join, afterwards and once, lets a stream read what was received. BACKEND if NCCL fails, and if a move waits
// longer than the patience for other ranks: then all moves of the communicator have ended, for good. It never adds.
enum { ALEXNET_COMMUNICATOR_ID_BYTES = 128 };
// Opens the library, once in a process: `path`, or if that is null or empty the one that ALEXNET_NCCL names, or
// libnccl.so.2. Its name and version. [any]
ALEXNET_API alexnet_status alexnet_communicator_library(const char* path, char* text, int64_t text_bytes);
// What a new communicator is known by; one rank makes it, and hands it to the others. [any]
ALEXNET_API alexnet_status alexnet_communicator_id(void* id, int64_t id_bytes);
// Returns when all ranks are here; BACKEND after patience_ms (1 to 10^9) without them. [any]
ALEXNET_API alexnet_status alexnet_communicator_create(alexnet_device* device, const void* id, int64_t id_bytes,
                                                       int32_t rank, int32_t ranks, int64_t patience_ms,
                                                       alexnet_communicator** communicator);
// Ends what is under way, and waits some seconds for it at most. [close]
ALEXNET_API alexnet_status alexnet_communicator_close(alexnet_communicator* communicator);
// Every rank gets the pieces of all; its own lies in place. [stream]
ALEXNET_API alexnet_status alexnet_communicator_allgather(alexnet_communicator* communicator, alexnet_stream* stream,
                                                          alexnet_buffer* buffer, const int64_t* first_bytes,
                                                          const int64_t* bytes, int32_t ranks, int64_t* ticket);
// Every rank gets a piece of every rank's `from`. [stream]
ALEXNET_API alexnet_status alexnet_communicator_alltoall(alexnet_communicator* communicator, alexnet_stream* stream,
                                                         alexnet_buffer* from, const int64_t* sent_first,
                                                         const int64_t* sent_bytes, alexnet_buffer* to,
                                                         const int64_t* received_first, const int64_t* received_bytes,
                                                         int32_t ranks, int64_t* ticket);
// time_us: how long the move took, from when its stream had made what is sent. [any]
ALEXNET_API alexnet_status alexnet_communicator_await(alexnet_communicator* communicator, int64_t ticket,
                                                      double* time_us);
ALEXNET_API alexnet_status alexnet_communicator_join(alexnet_communicator* communicator, int64_t ticket,
                                                     alexnet_stream* stream);  // [stream]

// ---- ranges ---------------------------------------------------------------------------------------------------------

// Named spans of the calling thread for NVIDIA's profilers (NVTX). alexnet_ranges() is 1 if this build marks them, else
// 0, and the other two do nothing. All [any].
ALEXNET_API int32_t alexnet_ranges(void);
ALEXNET_API void alexnet_range_push(const char* name);
ALEXNET_API void alexnet_range_pop(void);

// ---- kernel registry ------------------------------------------------------------------------------------------------

// Both [any].

ALEXNET_API alexnet_status alexnet_kernel_count(int32_t* count);
// One JSON object: family, pass, variant, kind, precision, algorithm, needs (of the processor or GPU, "" for nothing),
// measured (on what its times in docs/measurements are, "" for none), file. ALEXNET_<FAMILY>_<PASS>=variant forces a
// choice where no stream does.
ALEXNET_API alexnet_status alexnet_kernel_describe(int32_t index, char* text, int64_t text_bytes);

// ---- operations -----------------------------------------------------------------------------------------------------

// All [stream].
// `bias` may be null. accumulate != 0: the product is added to the old y. relu != 0: y = max(0, .) last.
// The order is y = relu((accumulate ? y : 0) + product + bias).
// `sums` is null but with BF16, where a layer that reads several planes rounds once: float32 of y's size, in which
// accumulate finds the planes before, and where the value before its rounding is left. y may then be null, while more
// planes come. BAD_ARGUMENT for sums in another precision, and with BF16 for accumulate without it.
// dgrad: dx may lie on a peer that the device reaches. `mask`, the output of the ReLU that made x, may be null; else
// dx = mask > 0 ? dx : 0.
// wgrad: `db`, the sum of dy over all but its last axis, may be null.

ALEXNET_API alexnet_status alexnet_conv_fprop(alexnet_stream* stream, const alexnet_conv_shape* shape,
                                              alexnet_buffer* x, alexnet_buffer* w, alexnet_buffer* bias,
                                              alexnet_buffer* y, alexnet_buffer* sums, int32_t accumulate,
                                              int32_t relu);
ALEXNET_API alexnet_status alexnet_conv_dgrad(alexnet_stream* stream, const alexnet_conv_shape* shape,
                                              alexnet_buffer* dy, alexnet_buffer* w, alexnet_buffer* mask,
                                              alexnet_buffer* dx);
ALEXNET_API alexnet_status alexnet_conv_wgrad(alexnet_stream* stream, const alexnet_conv_shape* shape,
                                              alexnet_buffer* x, alexnet_buffer* dy, alexnet_buffer* dw,
                                              alexnet_buffer* db);

// As conv with G 1, but w and bias have an entry for each output position: w[P,Q,K,R,S,C], bias[P,Q,K]. wgrad: `db`,
// the sum of dy over the images, may be null.
ALEXNET_API alexnet_status alexnet_local_fprop(alexnet_stream* stream, const alexnet_conv_shape* shape,
                                               alexnet_buffer* x, alexnet_buffer* w, alexnet_buffer* bias,
                                               alexnet_buffer* y, alexnet_buffer* sums, int32_t accumulate,
                                               int32_t relu);
ALEXNET_API alexnet_status alexnet_local_dgrad(alexnet_stream* stream, const alexnet_conv_shape* shape,
                                               alexnet_buffer* dy, alexnet_buffer* w, alexnet_buffer* mask,
                                               alexnet_buffer* dx);
ALEXNET_API alexnet_status alexnet_local_wgrad(alexnet_stream* stream, const alexnet_conv_shape* shape,
                                               alexnet_buffer* x, alexnet_buffer* dy, alexnet_buffer* dw,
                                               alexnet_buffer* db);

// `dropout`, applied last to y's N*K elements as alexnet_dropout_fprop does, may be null.
ALEXNET_API alexnet_status alexnet_fc_fprop(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* x,
                                            alexnet_buffer* w, alexnet_buffer* bias, alexnet_buffer* y,
                                            alexnet_buffer* sums, int32_t accumulate, int32_t relu,
                                            const alexnet_dropout_shape* dropout, alexnet_buffer* settings,
                                            int32_t training);
ALEXNET_API alexnet_status alexnet_fc_dgrad(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* dy,
                                            alexnet_buffer* w, alexnet_buffer* mask, alexnet_buffer* dx);
ALEXNET_API alexnet_status alexnet_fc_wgrad(alexnet_stream* stream, const alexnet_fc_shape* shape, alexnet_buffer* x,
                                            alexnet_buffer* dy, alexnet_buffer* dw, alexnet_buffer* db);
// wgrad and the update of w and v (alexnet_sgd_update) in one, with the same bits; the weight gradient itself is not
// stored.
ALEXNET_API alexnet_status alexnet_fc_wgrad_update(alexnet_stream* stream, const alexnet_fc_shape* shape,
                                                   const alexnet_sgd_shape* sgd, alexnet_buffer* settings,
                                                   alexnet_buffer* x, alexnet_buffer* dy, alexnet_buffer* w,
                                                   alexnet_buffer* v, alexnet_buffer* db);

// db[K] = sum over rows of dy[rows,K], in a fixed order.
ALEXNET_API alexnet_status alexnet_bias_grad(alexnet_stream* stream, int64_t rows, int32_t K, alexnet_buffer* dy,
                                             alexnet_buffer* db);

// y = max(0, x), y may be x. dx = y > 0 ? dy : 0, dx may be dy.
ALEXNET_API alexnet_status alexnet_relu_fprop(alexnet_stream* stream, int64_t count, alexnet_buffer* x,
                                              alexnet_buffer* y);
ALEXNET_API alexnet_status alexnet_relu_bprop(alexnet_stream* stream, int64_t count, alexnet_buffer* y,
                                              alexnet_buffer* dy, alexnet_buffer* dx);

// y = tanh(x), y may be x. dx = dy * (1 - y^2), dx may be dy.
ALEXNET_API alexnet_status alexnet_tanh_fprop(alexnet_stream* stream, int64_t count, alexnet_buffer* x,
                                              alexnet_buffer* y);
ALEXNET_API alexnet_status alexnet_tanh_bprop(alexnet_stream* stream, int64_t count, alexnet_buffer* y,
                                              alexnet_buffer* dy, alexnet_buffer* dx);

// y = 1 / (1 + exp(-x)), y may be x. dx = dy * y * (1 - y), dx may be dy.
ALEXNET_API alexnet_status alexnet_sigmoid_fprop(alexnet_stream* stream, int64_t count, alexnet_buffer* x,
                                                 alexnet_buffer* y);
ALEXNET_API alexnet_status alexnet_sigmoid_bprop(alexnet_stream* stream, int64_t count, alexnet_buffer* y,
                                                 alexnet_buffer* dy, alexnet_buffer* dx);

// Local response normalisation across the channels of a pixel, and inside each map over size * size pixels.
ALEXNET_API alexnet_status alexnet_lrn_fprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                             alexnet_buffer* y);
ALEXNET_API alexnet_status alexnet_lrn_bprop(alexnet_stream* stream, const alexnet_lrn_shape* shape, alexnet_buffer* x,
                                             alexnet_buffer* dy, alexnet_buffer* dx);

ALEXNET_API alexnet_status alexnet_lrn_map_fprop(alexnet_stream* stream, const alexnet_lrn_shape* shape,
                                                 alexnet_buffer* x, alexnet_buffer* y);
ALEXNET_API alexnet_status alexnet_lrn_map_bprop(alexnet_stream* stream, const alexnet_lrn_shape* shape,
                                                 alexnet_buffer* x, alexnet_buffer* dy, alexnet_buffer* dx);

ALEXNET_API alexnet_status alexnet_pool_fprop(alexnet_stream* stream, const alexnet_pool_shape* shape,
                                              alexnet_buffer* x, alexnet_buffer* y);
ALEXNET_API alexnet_status alexnet_pool_bprop(alexnet_stream* stream, const alexnet_pool_shape* shape,
                                              alexnet_buffer* x, alexnet_buffer* y, alexnet_buffer* dy,
                                              alexnet_buffer* dx);

// ReLU, normalisation and max-pooling in one pass; nothing between x and y is kept. y_peer, which may be null, is
// written like y and may lie on a peer that the device reaches. bprop computes it again and writes the gradient of x,
// with relu the output of a convolution before or after its ReLU.
ALEXNET_API alexnet_status alexnet_lrn_pool_fprop(alexnet_stream* stream, const alexnet_lrn_pool_shape* shape,
                                                  alexnet_buffer* x, alexnet_buffer* y, alexnet_buffer* y_peer);
ALEXNET_API alexnet_status alexnet_lrn_pool_bprop(alexnet_stream* stream, const alexnet_lrn_pool_shape* shape,
                                                  alexnet_buffer* x, alexnet_buffer* dy, alexnet_buffer* dx);

// Neighbouring channels of x into y, whose other channels stay as they are.
ALEXNET_API alexnet_status alexnet_channels_copy(alexnet_stream* stream, const alexnet_channels_shape* shape,
                                                 alexnet_buffer* x, alexnet_buffer* y);

// `settings` holds an alexnet_step_settings at its start, here and below; kernels read it when they run.
// training != 0: y = x * mask; else y = keep * x. y may be x. bprop: dx = dy * mask, dx may be dy.
ALEXNET_API alexnet_status alexnet_dropout_fprop(alexnet_stream* stream, const alexnet_dropout_shape* shape,
                                                 alexnet_buffer* settings, alexnet_buffer* x, alexnet_buffer* y,
                                                 int32_t training);
ALEXNET_API alexnet_status alexnet_dropout_bprop(alexnet_stream* stream, const alexnet_dropout_shape* shape,
                                                 alexnet_buffer* settings, alexnet_buffer* dy, alexnet_buffer* dx);

// probabilities[N,C] = softmax of each row. May alias logits.
ALEXNET_API alexnet_status alexnet_softmax_fprop(alexnet_stream* stream, const alexnet_softmax_shape* shape,
                                                 alexnet_buffer* logits, alexnet_buffer* probabilities);
// For int32 labels[N] in [0, C): metrics[N,3] = (-log p[label], top-1 share, top-5 share); a share is 1 if the label is
// alone among the first 1 or 5, a fraction if ties straddle the border (fact sheet 7), else 0.
// A label outside [0, C) is checked by the caller: the device does not stop for it, its metrics are NaN.
ALEXNET_API alexnet_status alexnet_softmax_metrics(alexnet_stream* stream, const alexnet_softmax_shape* shape,
                                                   alexnet_buffer* probabilities, alexnet_buffer* labels,
                                                   alexnet_buffer* metrics);
// dlogits = scale * (p - one_hot(label)); scale is 1/N for the mean over the batch. May alias probabilities. A label
// outside [0, C) makes its row NaN.
ALEXNET_API alexnet_status alexnet_softmax_bprop(alexnet_stream* stream, const alexnet_softmax_shape* shape,
                                                 alexnet_buffer* probabilities, alexnet_buffer* labels, float scale,
                                                 alexnet_buffer* dlogits);

// The three above in one pass, for one batch of labels. `dlogits` may be null: then no gradient is written.
// probabilities may be logits; dlogits may be logits.
ALEXNET_API alexnet_status alexnet_softmax_loss(alexnet_stream* stream, const alexnet_softmax_shape* shape,
                                                alexnet_buffer* logits, alexnet_buffer* labels, float scale,
                                                alexnet_buffer* probabilities, alexnet_buffer* metrics,
                                                alexnet_buffer* dlogits);

// images: one or two batches, images[slots,N,source,source,3], of which the settings' slot is read.
// crops: int32[N,3] = (top, left, flip); noise: float[N,4] = (red, green, blue, factor) for every pixel after the mean,
// or null.
// x[n,h,w,c] = (images[slot, n, top+h, left + (flip ? size-1-w : w), c] - mean + noise[n,c]) * noise[n,3]. A crop that
// leaves the image makes the whole x[n] NaN, a slot that is none of them all of x. By blocks (alexnet_input_shape)
// the same values lie elsewhere.
ALEXNET_API alexnet_status alexnet_input_fprop(alexnet_stream* stream, const alexnet_input_shape* shape,
                                               alexnet_buffer* settings, alexnet_buffer* images, alexnet_buffer* crops,
                                               alexnet_buffer* mean, alexnet_buffer* noise, alexnet_buffer* x);

// One array of parameters, its velocities and gradients.
typedef struct alexnet_sgd_array {
  alexnet_sgd_shape shape;
  alexnet_buffer* w;
  alexnet_buffer* v;
  alexnet_buffer* g;
} alexnet_sgd_array;

// Updates `count` arrays, 1 to 64, in one launch.
ALEXNET_API alexnet_status alexnet_sgd_update(alexnet_stream* stream, const alexnet_sgd_array* arrays, int32_t count,
                                              alexnet_buffer* settings);

// y = a + b, element by element, or mask > 0 ? a + b : 0 if `mask` is not null; y may be any of the three. The ordered
// sum of partial gradients is a chain of these; the mask of its last link is the output whose gradient it is, after
// ReLU and dropout.
ALEXNET_API alexnet_status alexnet_add(alexnet_stream* stream, int64_t count, alexnet_buffer* a, alexnet_buffer* b,
                                       alexnet_buffer* mask, alexnet_buffer* y);
// y = a + b of gradients of parameters, which are float32 in any precision; y may be a or b.
ALEXNET_API alexnet_status alexnet_add_parameters(alexnet_stream* stream, int64_t count, alexnet_buffer* a,
                                                  alexnet_buffer* b, alexnet_buffer* y);

// y = x rounded to bfloat16, to nearest even: x[count] float32, y[count] of two bytes each. For the copy of the weights
// that products in BF16 read.
ALEXNET_API alexnet_status alexnet_cast(alexnet_stream* stream, int64_t count, alexnet_buffer* x, alexnet_buffer* y);

#ifdef __cplusplus
}
#endif

#endif  // ALEXNET_H
