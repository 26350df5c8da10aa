#include "runtime/cuda/cuda_status.h"

#include "runtime/cuda/sticky_errors.h"

namespace alexnet {
namespace {

// The names that each supported toolkit has, and those of CUDA 13.
static_assert(is_sticky(cudaErrorECCUncorrectable) && is_sticky(cudaErrorNvlinkUncorrectable) &&
              is_sticky(cudaErrorIllegalAddress) && is_sticky(cudaErrorLaunchTimeout) && is_sticky(cudaErrorAssert) &&
              is_sticky(cudaErrorHardwareStackError) && is_sticky(cudaErrorIllegalInstruction) &&
              is_sticky(cudaErrorMisalignedAddress) && is_sticky(cudaErrorInvalidAddressSpace) &&
              is_sticky(cudaErrorInvalidPc) && is_sticky(cudaErrorLaunchFailure) &&
              is_sticky(cudaErrorMpsClientTerminated) && is_sticky(cudaErrorExternalDevice));
#if CUDART_VERSION >= 13000
static_assert(is_sticky(cudaErrorContained) && is_sticky(cudaErrorTensorMemoryLeak));
#endif

}  // namespace

Status cuda_status(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return {};
  if (is_sticky(error)) {
    return {ALEXNET_DEVICE_LOST, format_text("%s: %s: %s. It belongs to this or an earlier launch: run again with "
                                             "CUDA_LAUNCH_BLOCKING=1, or under compute-sanitizer",
                                             what, cudaGetErrorName(error), cudaGetErrorString(error))};
  }
  const alexnet_status code = error == cudaErrorMemoryAllocation ? ALEXNET_OUT_OF_MEMORY : ALEXNET_BACKEND;
  return {code, format_text("%s: %s: %s", what, cudaGetErrorName(error), cudaGetErrorString(error))};
}

}  // namespace alexnet
