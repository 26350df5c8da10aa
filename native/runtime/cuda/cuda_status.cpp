#include "runtime/cuda/cuda_status.h"

namespace alexnet {
namespace {

// After these errors CUDA gives the same error for every later call.
bool is_sticky(cudaError_t error) {
  switch (error) {
    case cudaErrorIllegalAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorHardwareStackError:
    case cudaErrorAssert:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorECCUncorrectable:
      return true;
    default:
      return false;
  }
}

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
