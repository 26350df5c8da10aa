#include "nccl/nccl_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>

namespace alexnet::nccl {

namespace {

constexpr const char* kFile = "libnccl.so.2";
constexpr const char* kVariable = "ALEXNET_NCCL";
constexpr const char* kStandIn = "alexnet_stand_in_for_nccl";  // exported by no NCCL
constexpr const char* kRemedy =
    "install NVIDIA's NCCL 2 (packages libnccl2 or nvidia-nccl-cu12), or name the file libnccl.so.2 in ALEXNET_NCCL";

std::mutex mutex;
const Library* opened = nullptr;  // never closed: its threads may live as long as the process

// Versions have had five digits since 2.9.
std::string version_text(int version) {
  const int scale = version < 10000 ? 1000 : 10000;
  return std::to_string(version / scale) + "." + std::to_string(version % scale / 100) + "." +
         std::to_string(version % 100);
}

template <class Function>
Status find_symbol(void* file, const char* path, const char* name, Function** function) {
  *function = reinterpret_cast<Function*>(dlsym(file, name));
  ALEXNET_REQUIRE(*function != nullptr, ALEXNET_UNSUPPORTED, "%s has no %s: it is no NCCL, or one before 2.7; %s", path,
                  name, kRemedy);
  return {};
}

Status find_symbols(void* file, const char* path, Library* library) {
  ALEXNET_TRY(find_symbol(file, path, "ncclGetVersion", &library->get_version));
  ALEXNET_TRY(find_symbol(file, path, "ncclGetUniqueId", &library->get_unique_id));
  ALEXNET_TRY(find_symbol(file, path, "ncclCommInitRank", &library->comm_init_rank));
  ALEXNET_TRY(find_symbol(file, path, "ncclCommDestroy", &library->comm_destroy));
  ALEXNET_TRY(find_symbol(file, path, "ncclCommAbort", &library->comm_abort));
  ALEXNET_TRY(find_symbol(file, path, "ncclCommGetAsyncError", &library->comm_get_async_error));
  ALEXNET_TRY(find_symbol(file, path, "ncclGroupStart", &library->group_start));
  ALEXNET_TRY(find_symbol(file, path, "ncclGroupEnd", &library->group_end));
  ALEXNET_TRY(find_symbol(file, path, "ncclSend", &library->send));
  ALEXNET_TRY(find_symbol(file, path, "ncclRecv", &library->receive));
  ALEXNET_TRY(find_symbol(file, path, "ncclAllGather", &library->all_gather));
  return find_symbol(file, path, "ncclGetErrorString", &library->get_error_string);
}

std::string chosen_path(const std::string& path) {
  if (!path.empty()) return path;
  const char* const named = std::getenv(kVariable);
  return named == nullptr || *named == '\0' ? kFile : named;
}

}  // namespace

Status open_library(const std::string& path, const Library** library) {
  const std::lock_guard lock(mutex);
  if (opened == nullptr) {
    const std::string file = chosen_path(path);
    void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      const char* const why = dlerror();
      return {ALEXNET_UNSUPPORTED, format_text("NCCL cannot be opened: %s; %s", why == nullptr ? "?" : why, kRemedy)};
    }
    Library found;
    const Status status = find_symbols(handle, file.c_str(), &found);
    int version = 0;
    if (!status.ok()) {
      dlclose(handle);
      return status;
    }
    ALEXNET_TRY(said(found, found.get_version(&version), "ncclGetVersion"));
    found.is_stand_in = dlsym(handle, kStandIn) != nullptr;
    found.name = (found.is_stand_in ? "a stand-in for NCCL " : "NCCL ") + version_text(version);
    opened = new Library(found);
  }
  *library = opened;
  return {};
}

Status require_library(const Library** library) { return open_library("", library); }

Status said(const Library& library, Result result, const char* call) {
  ALEXNET_REQUIRE(result == kSuccess, ALEXNET_BACKEND, "%s: %s", call, library.get_error_string(result));
  return {};
}

}  // namespace alexnet::nccl
