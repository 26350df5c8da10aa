// The C ABI's bodies: ranges for NVIDIA's profilers. NVTX is a header that loads a profiler's library only where one is
// attached; a build without it marks nothing.
#include "alexnet.h"

#if defined(ALEXNET_WITH_NVTX)
#include <nvtx3/nvToolsExt.h>

int32_t alexnet_ranges(void) { return 1; }
void alexnet_range_push(const char* name) { (void)nvtxRangePushA(name); }
void alexnet_range_pop(void) { (void)nvtxRangePop(); }

#else

int32_t alexnet_ranges(void) { return 0; }
void alexnet_range_push(const char*) {}
void alexnet_range_pop(void) {}

#endif
