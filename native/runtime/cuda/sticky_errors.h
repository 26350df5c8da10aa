// Sticky errors: those after which CUDA gives the same error to every later call, so that the device is lost.
#ifndef ALEXNET_RUNTIME_CUDA_STICKY_ERRORS_H
#define ALEXNET_RUNTIME_CUDA_STICKY_ERRORS_H

namespace alexnet {

// All of which driver_types.h of CUDA 13.0 says that the process must be relaunched, and the two uncorrectable ones. As
// numbers, which CUDA keeps from version to version: an older toolkit lacks the latest names, and a build without CUDA
// can check the list, too. cuda_status.cpp holds them to the names.
constexpr int kStickyErrors[] = {
    214,  // ECCUncorrectable
    220,  // NvlinkUncorrectable
    226,  // Contained
    700,  // IllegalAddress
    702,  // LaunchTimeout
    710,  // Assert
    714,  // HardwareStackError
    715,  // IllegalInstruction
    716,  // MisalignedAddress
    717,  // InvalidAddressSpace
    718,  // InvalidPc
    719,  // LaunchFailure
    721,  // TensorMemoryLeak
    810,  // MpsClientTerminated
    911,  // ExternalDevice
};

// Whether a cudaError_t is one of them.
constexpr bool is_sticky(int error) {
  for (const int sticky : kStickyErrors) {
    if (error == sticky) return true;
  }
  return false;
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_CUDA_STICKY_ERRORS_H
