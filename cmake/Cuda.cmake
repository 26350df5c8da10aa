# CUDA is optional. ALEXNET_CUDA=AUTO takes it if there is an nvcc, ON demands it, OFF leaves it out.
# Sets ALEXNET_HAVE_CUDA.

set(ALEXNET_CUDA AUTO CACHE STRING "AUTO, ON or OFF")
# Machine code for sm_80 and sm_90a (what wgmma needs; it runs on no other), PTX of 9.0 for what comes later.
set(ALEXNET_CUDA_ARCHITECTURES "80-real;90a-real;90-virtual" CACHE STRING "CUDA targets, as CMAKE_CUDA_ARCHITECTURES")

set(ALEXNET_HAVE_CUDA OFF)
if(NOT ALEXNET_CUDA STREQUAL "OFF")
  set(CMAKE_CUDA_ARCHITECTURES "${ALEXNET_CUDA_ARCHITECTURES}")
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    set(CMAKE_CUDA_STANDARD 17)
    set(CMAKE_CUDA_STANDARD_REQUIRED ON)
    set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
    set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
    # fmad stays on: on the GPU a*b+c is one fused operation; tolerances of the checks know it.
    set(CMAKE_CUDA_FLAGS_RELEASE "-O3 -DNDEBUG -lineinfo")
    add_compile_options($<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>
                        $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Werror>
                        $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffile-prefix-map=${ALEXNET_ROOT}/=>
                        $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffile-prefix-map=${ALEXNET_ROOT}/cmake/../=>
                        $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffile-prefix-map=${CMAKE_BINARY_DIR}=build>)
    find_package(CUDAToolkit REQUIRED)
    set(ALEXNET_HAVE_CUDA ON)
    message(STATUS "CUDA ${CMAKE_CUDA_COMPILER_VERSION} for ${ALEXNET_CUDA_ARCHITECTURES}")
  elseif(ALEXNET_CUDA STREQUAL "ON")
    message(FATAL_ERROR "ALEXNET_CUDA=ON, but there is no nvcc; put it into PATH or set CUDACXX")
  else()
    message(STATUS "no nvcc: kernels run on the emulator and on the CPU only")
  endif()
endif()
