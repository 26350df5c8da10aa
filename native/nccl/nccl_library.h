// nccl_library: the part of NCCL's binary interface that is used here, opened when it is first asked for. Neither NCCL
// nor its header is needed to build. Bytes are moved and never added, so that a result does not depend on NCCL's choice
// of algorithm.
#ifndef ALEXNET_NCCL_NCCL_LIBRARY_H
#define ALEXNET_NCCL_NCCL_LIBRARY_H

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/status.h"

namespace alexnet::nccl {

// Values of NCCL's result; what is none of these is named by its own text.
enum Result : int { kSuccess = 0, kInProgress = 7 };
// Of NCCL's data types.
enum DataType : int { kUint8 = 1 };

// Passed by value, as NCCL wants it.
struct Id {
  char bytes[128];
};

struct Comm;  // NCCL's own

struct Library {
  Result (*get_version)(int* version) = nullptr;
  Result (*get_unique_id)(Id* id) = nullptr;
  Result (*comm_init_rank)(Comm** comm, int ranks, Id id, int rank) = nullptr;
  Result (*comm_destroy)(Comm* comm) = nullptr;
  Result (*comm_abort)(Comm* comm) = nullptr;
  Result (*comm_get_async_error)(Comm* comm, Result* error) = nullptr;
  Result (*group_start)() = nullptr;
  Result (*group_end)() = nullptr;
  Result (*send)(const void* from, size_t count, DataType type, int peer, Comm* comm, void* stream) = nullptr;
  Result (*receive)(void* to, size_t count, DataType type, int peer, Comm* comm, void* stream) = nullptr;
  Result (*all_gather)(const void* from, void* to, size_t count, DataType type, Comm* comm, void* stream) = nullptr;
  const char* (*get_error_string)(Result result) = nullptr;

  std::string name;          // for a person: NCCL 2.18.3
  bool is_stand_in = false;  // of the checks: moves memory of the host, and that alone
};

// Opens the library, once in a process: the file `path`, or if that is empty ALEXNET_NCCL's, or libnccl.so.2 as the
// loader finds it. What failed may be tried again. UNSUPPORTED says what is missing and what to install.
Status open_library(const std::string& path, const Library** library);
// The one that was opened, or opens the one that the environment names.
Status require_library(const Library** library);

// BACKEND with NCCL's own words, unless the result is a success.
Status said(const Library& library, Result result, const char* call);

}  // namespace alexnet::nccl

#endif  // ALEXNET_NCCL_NCCL_LIBRARY_H
