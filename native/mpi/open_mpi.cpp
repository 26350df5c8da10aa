// open_mpi: moves bytes between processes by MPI's collectives. Every lane has a communicator of its own, so that moves
// of several threads do not meet. All moves are begun without waiting and then looked at, so that a wait can be given
// up and does not take a core from the towers.
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <time.h>

#include <climits>
#include <cstdio>
#include <cstring>
#include <vector>

#include "rank_engine.h"

namespace {

std::vector<MPI_Comm> lanes;
int ranks = 0;
int64_t patience_ns = 0;

int say(int status, const char* call, char* error) {
  if (status == MPI_SUCCESS) return 0;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(status, text, &length);
  std::snprintf(error, ALEXNET_RANK_TEXT_BYTES, "%s: %.*s", call, length, text);
  return 1;
}

int64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// Looks until the move is done: at once, then ever more rarely, up to twenty times a millisecond.
int await(MPI_Request* request, const char* call, char* error) {
  constexpr int kSpins = 200;
  constexpr long kLongestPause = 50'000;  // ns
  long pause = 1'000;
  int64_t begun = 0;
  for (int look = 0;; ++look) {
    int done = 0;
    if (say(MPI_Test(request, &done, MPI_STATUS_IGNORE), call, error)) return 1;
    if (done) return 0;
    if (look < kSpins) continue;
    if (begun == 0) begun = now_ns();
    if (now_ns() - begun > patience_ns) {
      std::snprintf(error, ALEXNET_RANK_TEXT_BYTES, "%s: no answer of other ranks for %lld s (ALEXNET_PATIENCE)", call,
                    static_cast<long long>(patience_ns / 1'000'000'000));
      return 1;
    }
    const timespec rest = {0, pause};
    nanosleep(&rest, nullptr);
    pause = pause * 2 < kLongestPause ? pause * 2 : kLongestPause;
  }
}

// MPI counts in int; `ints` gets the values.
int as_ints(const int64_t* first, const int64_t* bytes, std::vector<int>* firsts, std::vector<int>* counts,
            char* error) {
  for (int rank = 0; rank < ranks; ++rank) {
    if (first[rank] + bytes[rank] > INT_MAX) {
      std::snprintf(error, ALEXNET_RANK_TEXT_BYTES, "a move ends at byte %lld; MPI can move up to %d",
                    static_cast<long long>(first[rank] + bytes[rank]), INT_MAX);
      return 1;
    }
    firsts->push_back(static_cast<int>(first[rank]));
    counts->push_back(static_cast<int>(bytes[rank]));
  }
  return 0;
}

int join(int wanted, int64_t patience_ms, int* rank, int* count, char* name, char* error) {
  int provided = 0;
  patience_ns = patience_ms * 1'000'000;
  if (say(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided), "MPI_Init_thread", error)) return 1;
  if (provided < MPI_THREAD_MULTIPLE) {
    std::snprintf(error, ALEXNET_RANK_TEXT_BYTES, "this MPI does not let several threads move at once");
    return 1;
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, count);
  ranks = *count;
  for (int lane = 0; lane < wanted; ++lane) {
    MPI_Comm own = MPI_COMM_NULL;
    if (say(MPI_Comm_dup(MPI_COMM_WORLD, &own), "MPI_Comm_dup", error)) return 1;
    MPI_Comm_set_errhandler(own, MPI_ERRORS_RETURN);
    lanes.push_back(own);
  }
  char version[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(version, &length);
  version[std::strcspn(version, ",\n")] = '\0';
  std::snprintf(name, ALEXNET_RANK_TEXT_BYTES, "%s", version);
  return 0;
}

int allgather(int lane, void* memory, const int64_t* first_bytes, const int64_t* bytes, char* error) {
  std::vector<int> firsts, counts;
  if (as_ints(first_bytes, bytes, &firsts, &counts, error)) return 1;
  MPI_Request request;
  if (say(MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, memory, counts.data(), firsts.data(), MPI_BYTE,
                          lanes[size_t(lane)], &request),
          "MPI_Iallgatherv", error)) {
    return 1;
  }
  return await(&request, "MPI_Iallgatherv", error);
}

int alltoall(int lane, const void* from, const int64_t* sent_first, const int64_t* sent_bytes, void* to,
             const int64_t* received_first, const int64_t* received_bytes, char* error) {
  std::vector<int> sent_firsts, sent_counts, received_firsts, received_counts;
  if (as_ints(sent_first, sent_bytes, &sent_firsts, &sent_counts, error) ||
      as_ints(received_first, received_bytes, &received_firsts, &received_counts, error)) {
    return 1;
  }
  MPI_Request request;
  if (say(MPI_Ialltoallv(from, sent_counts.data(), sent_firsts.data(), MPI_BYTE, to, received_counts.data(),
                         received_firsts.data(), MPI_BYTE, lanes[size_t(lane)], &request),
          "MPI_Ialltoallv", error)) {
    return 1;
  }
  return await(&request, "MPI_Ialltoallv", error);
}

int broadcast(int lane, void* memory, int64_t bytes, int root, char* error) {
  char* at = static_cast<char*>(memory);
  while (bytes > 0) {
    const int now = static_cast<int>(bytes < (1 << 30) ? bytes : 1 << 30);
    MPI_Request request;
    if (say(MPI_Ibcast(at, now, MPI_BYTE, root, lanes[size_t(lane)], &request), "MPI_Ibcast", error) ||
        await(&request, "MPI_Ibcast", error)) {
      return 1;
    }
    at += now;
    bytes -= now;
  }
  return 0;
}

int barrier(int lane, char* error) {
  MPI_Request request;
  if (say(MPI_Ibarrier(lanes[size_t(lane)], &request), "MPI_Ibarrier", error)) return 1;
  return await(&request, "MPI_Ibarrier", error);
}

void leave() {
  for (MPI_Comm& lane : lanes) MPI_Comm_free(&lane);
  lanes.clear();
  MPI_Finalize();
}

const AlexnetRankEngine engine = {join, allgather, alltoall, broadcast, barrier, leave};

}  // namespace

extern "C" __attribute__((visibility("default"))) const AlexnetRankEngine* alexnet_rank_engine() { return &engine; }
