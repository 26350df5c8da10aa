# Flags of all C++ code, and of the code that needs AVX2.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, RelWithDebInfo or Debug" FORCE)
endif()
# Release keeps asserts out, and line tables in: a fault's report is worth more than the file size. DWARF 4, since Debian
# 12's addr2line takes a file that a .cpp of one line includes for that .cpp in DWARF 5; the format first, as it asks for -g2.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -gdwarf-4 -g1 -DNDEBUG")

# -ffp-contract=off: a*b+c is two roundings wherever the source does not say fmaf, so that the emulator, the CPU code
# and the references do not differ from build to build.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra>
                    $<$<COMPILE_LANGUAGE:CXX>:-Werror> $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)

# Two builds in different folders give equal files: no path of this machine gets into the program, neither by __FILE__
# nor by line tables. The last match wins.
get_filename_component(ALEXNET_ROOT ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-ffile-prefix-map=${ALEXNET_ROOT}/=>
                    $<$<COMPILE_LANGUAGE:CXX>:-ffile-prefix-map=${ALEXNET_ROOT}/cmake/../=>
                    $<$<COMPILE_LANGUAGE:CXX>:-ffile-prefix-map=${CMAKE_BINARY_DIR}=build>)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)

# The CPU's own kernels are compiled for AVX2 and FMA as a whole; opening a cpu device checks that the machine has them.
# Those that are bound by arithmetic are compiled a second time, for AVX-512, and register only where there is that.
set(ALEXNET_CPU_FLAGS -O3 -fno-math-errno -fno-trapping-math)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # GCC 12 warns of its own header's _mm512_undefined_ps.
  set(ALEXNET_AVX512_FLAGS ${ALEXNET_CPU_FLAGS} -mavx512f -mfma -Wno-maybe-uninitialized)
  list(APPEND ALEXNET_CPU_FLAGS -mavx2 -mfma)
endif()
