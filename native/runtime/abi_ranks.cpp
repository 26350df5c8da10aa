// The C ABI's bodies: ranks. The library that knows MPI lies beside this one and is loaded when a process joins others.
#include <dlfcn.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "alexnet.h"
#include "mpi/rank_engine.h"
#include "runtime/build_info.h"
#include "runtime/guard.h"

using namespace alexnet;

namespace {

constexpr int32_t kMostLanes = 64;
constexpr int64_t kMostPatience = 1'000'000'000;  // ms
constexpr const char* kLibrary = "libalexnet_mpi.so";

// The one connection of this process. Moves hold `mutex` shared, joining and leaving alone.
struct Connection {
  std::shared_mutex mutex;
  std::atomic<const AlexnetRankEngine*> engine = nullptr;  // null before joining and after leaving
  bool joined_before = false;
  int32_t lanes = 0;
  int rank = 0;
  int count = 0;
  char name[ALEXNET_RANK_TEXT_BYTES] = "";
};

Connection& connection() {
  static Connection* const one = new Connection;  // never destroyed: a thread may still wait in a move at exit
  return *one;
}

// The folder that this library was loaded from, with a slash.
std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&alexnet_ranks_join), &info) == 0 || info.dli_fname == nullptr) return "";
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1);
}

Status load(const AlexnetRankEngine** engine) {
  void* const library = dlopen((own_folder() + kLibrary).c_str(), RTLD_NOW | RTLD_LOCAL);
  ALEXNET_REQUIRE(library != nullptr, ALEXNET_UNSUPPORTED, "this build cannot join ranks: %s", dlerror());
  const auto get = reinterpret_cast<alexnet_rank_engine_function>(dlsym(library, "alexnet_rank_engine"));
  ALEXNET_REQUIRE(get != nullptr, ALEXNET_INTERNAL, "%s has no alexnet_rank_engine", kLibrary);
  *engine = get();
  return {};
}

// Does a move with the engine, unless something forbids it.
template <class Check, class Move>
Status move(int32_t lane, const Check& check, const Move& body) {
  Connection& c = connection();
  const std::shared_lock lock(c.mutex);
  ALEXNET_REQUIRE(c.engine != nullptr, ALEXNET_WRONG_STATE, "this process is no rank (alexnet_ranks_join)");
  ALEXNET_REQUIRE(lane >= 0 && lane < c.lanes, ALEXNET_BAD_ARGUMENT, "lane is %d; allowed are 0 to %d", lane,
                  c.lanes - 1);
  ALEXNET_TRY(check(c));
  char error[ALEXNET_RANK_TEXT_BYTES] = "";
  ALEXNET_REQUIRE(body(*c.engine, error) == 0, ALEXNET_BACKEND, "%s", error);
  return {};
}

// Pieces for every rank that lie in memory, if there is a byte.
Status check_pieces(const char* name, const void* memory, const int64_t* first_bytes, const int64_t* bytes,
                    int32_t ranks, int count) {
  ALEXNET_REQUIRE(first_bytes != nullptr && bytes != nullptr, ALEXNET_BAD_ARGUMENT, "%s: the pieces are null", name);
  ALEXNET_REQUIRE(ranks == count, ALEXNET_BAD_ARGUMENT, "%s: pieces of %d ranks; there are %d", name, ranks, count);
  for (int rank = 0; rank < ranks; ++rank) {
    ALEXNET_REQUIRE(first_bytes[rank] >= 0 && bytes[rank] >= 0 && bytes[rank] <= INT64_MAX - first_bytes[rank],
                    ALEXNET_BAD_ARGUMENT, "%s: the piece of rank %d is %lld + %lld", name, rank,
                    static_cast<long long>(first_bytes[rank]), static_cast<long long>(bytes[rank]));
    ALEXNET_REQUIRE(bytes[rank] == 0 || memory != nullptr, ALEXNET_BAD_ARGUMENT, "%s is null", name);
  }
  return {};
}

}  // namespace

alexnet_status alexnet_ranks_join(int32_t lanes, int64_t patience_ms, int32_t* rank, int32_t* count) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(lanes >= 1 && lanes <= kMostLanes, ALEXNET_BAD_ARGUMENT, "lanes is %d; allowed are 1 to %d", lanes,
                    kMostLanes);
    ALEXNET_REQUIRE(patience_ms >= 1 && patience_ms <= kMostPatience, ALEXNET_BAD_ARGUMENT,
                    "patience_ms is %lld; allowed are 1 to %lld", static_cast<long long>(patience_ms),
                    static_cast<long long>(kMostPatience));
    ALEXNET_REQUIRE(rank != nullptr && count != nullptr, ALEXNET_BAD_ARGUMENT, "rank or count is null");
    Connection& c = connection();
    const std::unique_lock lock(c.mutex);
    ALEXNET_REQUIRE(!c.joined_before, ALEXNET_WRONG_STATE, "a process can join ranks once");
    const AlexnetRankEngine* engine = nullptr;
    ALEXNET_TRY(load(&engine));
    c.joined_before = true;  // also if it fails: MPI begins once in a process
    char error[ALEXNET_RANK_TEXT_BYTES] = "";
    ALEXNET_REQUIRE(engine->join(lanes, patience_ms, &c.rank, &c.count, c.name, error) == 0, ALEXNET_BACKEND, "%s",
                    error);
    c.engine = engine;
    c.lanes = lanes;
    *rank = c.rank;
    *count = c.count;
    return {};
  });
}

alexnet_status alexnet_ranks_engine(char* text, int64_t text_bytes) {
  return guard(__func__, [&]() -> Status {
    Connection& c = connection();
    const std::shared_lock lock(c.mutex);
    ALEXNET_REQUIRE(c.engine != nullptr, ALEXNET_WRONG_STATE, "this process is no rank (alexnet_ranks_join)");
    return copy_text(c.name, text, text_bytes);
  });
}

alexnet_status alexnet_ranks_allgather(int32_t lane, void* memory, const int64_t* first_bytes, const int64_t* bytes,
                                       int32_t ranks) {
  return guard(__func__, [&]() -> Status {
    return move(
        lane, [&](const Connection& c) { return check_pieces("memory", memory, first_bytes, bytes, ranks, c.count); },
        [&](const AlexnetRankEngine& engine, char* error) {
          return engine.allgather(lane, memory, first_bytes, bytes, error);
        });
  });
}

alexnet_status alexnet_ranks_alltoall(int32_t lane, const void* from, const int64_t* sent_first,
                                      const int64_t* sent_bytes, void* to, const int64_t* received_first,
                                      const int64_t* received_bytes, int32_t ranks) {
  return guard(__func__, [&]() -> Status {
    return move(
        lane,
        [&](const Connection& c) -> Status {
          ALEXNET_TRY(check_pieces("from", from, sent_first, sent_bytes, ranks, c.count));
          return check_pieces("to", to, received_first, received_bytes, ranks, c.count);
        },
        [&](const AlexnetRankEngine& engine, char* error) {
          return engine.alltoall(lane, from, sent_first, sent_bytes, to, received_first, received_bytes, error);
        });
  });
}

alexnet_status alexnet_ranks_broadcast(int32_t lane, void* memory, int64_t bytes, int32_t root) {
  return guard(__func__, [&]() -> Status {
    const auto check = [&](const Connection& c) -> Status {
      ALEXNET_REQUIRE(root >= 0 && root < c.count, ALEXNET_BAD_ARGUMENT, "root is %d; allowed are 0 to %d", root,
                      c.count - 1);
      return {};
    };
    ALEXNET_REQUIRE(bytes >= 0, ALEXNET_BAD_ARGUMENT, "bytes is %lld", static_cast<long long>(bytes));
    ALEXNET_REQUIRE(bytes == 0 || memory != nullptr, ALEXNET_BAD_ARGUMENT, "memory is null");
    return move(lane, check, [&](const AlexnetRankEngine& engine, char* error) {
      return engine.broadcast(lane, memory, bytes, root, error);
    });
  });
}

alexnet_status alexnet_ranks_barrier(int32_t lane) {
  return guard(__func__, [&]() -> Status {
    return move(
        lane, [](const Connection&) { return Status(); },
        [&](const AlexnetRankEngine& engine, char* error) { return engine.barrier(lane, error); });
  });
}

alexnet_status alexnet_ranks_leave(void) {
  return guard(__func__, [&]() -> Status {
    Connection& c = connection();
    const std::unique_lock lock(c.mutex);
    ALEXNET_REQUIRE(c.engine != nullptr, ALEXNET_WRONG_STATE, "this process is no rank (alexnet_ranks_join)");
    c.engine.load()->leave();
    c.engine = nullptr;
    return {};
  });
}
