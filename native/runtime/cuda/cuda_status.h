// A CUDA error as a Status.
#ifndef ALEXNET_RUNTIME_CUDA_STATUS_H
#define ALEXNET_RUNTIME_CUDA_STATUS_H

#include <cuda_runtime_api.h>

#include "common/status.h"

namespace alexnet {

// OK, OUT_OF_MEMORY or BACKEND with what was called, CUDA's name of the error and its text.
Status cuda_status(cudaError_t error, const char* what);

}  // namespace alexnet

#define ALEXNET_CUDA_TRY(call) ALEXNET_TRY(::alexnet::cuda_status((call), #call))

#endif  // ALEXNET_RUNTIME_CUDA_STATUS_H
