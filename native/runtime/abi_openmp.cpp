// alexnet_openmp_threads: a hand on the OpenMP runtime that some other library of the process brought along. We use
// none ourselves, so it is looked up, not linked.
#include <dlfcn.h>

#include "alexnet.h"
#include "runtime/guard.h"

using namespace alexnet;

alexnet_status alexnet_openmp_threads(int32_t threads) {
  return guard(__func__, [&]() -> Status {
    ALEXNET_REQUIRE(threads >= 1 && threads <= 1024, ALEXNET_BAD_ARGUMENT, "threads is %d; allowed are 1 to 1024",
                    threads);
    void* runtime = dlopen("libgomp.so.1", RTLD_LAZY | RTLD_NOLOAD);
    ALEXNET_REQUIRE(runtime != nullptr, ALEXNET_UNSUPPORTED, "no OpenMP runtime is loaded");
    const auto set = reinterpret_cast<void (*)(int)>(dlsym(runtime, "omp_set_num_threads"));
    if (set != nullptr) set(threads);
    dlclose(runtime);  // drops our count only
    ALEXNET_REQUIRE(set != nullptr, ALEXNET_UNSUPPORTED, "the OpenMP runtime has no omp_set_num_threads");
    return {};
  });
}
