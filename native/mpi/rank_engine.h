// rank_engine: what a library that connects processes offers to the runtime, which loads it when it is asked for. Plain
// C, as the two are built apart. Every function but leave returns 0, or fills `error` and returns something else.
#ifndef ALEXNET_MPI_RANK_ENGINE_H
#define ALEXNET_MPI_RANK_ENGINE_H

#include <stdint.h>

enum { ALEXNET_RANK_TEXT_BYTES = 512 };

struct AlexnetRankEngine {
  // Once a process. `name` gets the engine's name and version. What waits longer than the patience fails.
  int (*join)(int lanes, int64_t patience_ms, int* rank, int* count, char* name, char* error);
  // See alexnet.h; the pieces have a value for each rank.
  int (*allgather)(int lane, void* memory, const int64_t* first_bytes, const int64_t* bytes, char* error);
  int (*alltoall)(int lane, const void* from, const int64_t* sent_first, const int64_t* sent_bytes, void* to,
                  const int64_t* received_first, const int64_t* received_bytes, char* error);
  int (*broadcast)(int lane, void* memory, int64_t bytes, int root, char* error);
  int (*barrier)(int lane, char* error);
  // The end of all moves, on the thread that joined; all ranks come here.
  void (*leave)(void);
};

// What the library exports.
typedef const struct AlexnetRankEngine* (*alexnet_rank_engine_function)(void);

#endif  // ALEXNET_MPI_RANK_ENGINE_H
