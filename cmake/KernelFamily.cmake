# Every kernel source, found by its name, so that adding a variant touches one file:
#   kernels/<family>/*.cu              for the emulator by the C++ compiler, and for the GPU by nvcc where there is one
#   kernels/<family>/*_cpu.cpp         for the CPU itself; *_panels_cpu.cpp for AVX2 and for AVX-512
#   kernels/<family>/*_reference.cpp   the oracle, for checks only
#   kernels/<family>/*_check.cpp       the cases, for checks only
# Object libraries: their registrations must be linked though nothing refers to them.

set(ALEXNET_KERNELS ${CMAKE_CURRENT_LIST_DIR}/../kernels)
set(ALEXNET_EMPTY_SOURCE ${CMAKE_BINARY_DIR}/empty.cpp)  # so that no list is empty
file(CONFIGURE OUTPUT ${ALEXNET_EMPTY_SOURCE} CONTENT "")
file(GLOB kernel_sources CONFIGURE_DEPENDS ${ALEXNET_KERNELS}/*/*.cu)
file(GLOB cpu_sources CONFIGURE_DEPENDS ${ALEXNET_KERNELS}/*/*_cpu.cpp)
file(GLOB reference_sources CONFIGURE_DEPENDS ${ALEXNET_KERNELS}/*/*_reference.cpp)
file(GLOB check_sources CONFIGURE_DEPENDS ${ALEXNET_KERNELS}/*/*_check.cpp)

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kernel_sources})
# Plain shared arrays would escape the emulator's checks of bounds, races and unwritten reads.
foreach(source IN LISTS kernel_sources)
  file(STRINGS ${source} unchecked REGEX "^[^/]*__shared__ ")
  list(FILTER unchecked EXCLUDE REGEX "__shared__ (alexnet::)?SharedArray<")
  if(unchecked)
    message(FATAL_ERROR "${source}:\n${unchecked}\nDeclare shared memory as SharedArray or by ALEXNET_SHARED_DYNAMIC "
                        "(kernels/common/shared.cuh)")
  endif()
endforeach()

# For the emulator a .cu file goes through a .cpp file of one line that includes it: a file has one language per build,
# and this one is nvcc's.
set(emulated_sources)
foreach(source IN LISTS kernel_sources)
  get_filename_component(source ${source} ABSOLUTE)
  get_filename_component(name ${source} NAME_WE)
  set(emulated ${CMAKE_BINARY_DIR}/emulated/${name}.cpp)
  file(CONFIGURE OUTPUT ${emulated} CONTENT "#include \"${source}\"\n" @ONLY)
  list(APPEND emulated_sources ${emulated})
endforeach()

add_library(kernels_emu OBJECT EXCLUDE_FROM_ALL ${emulated_sources} ${ALEXNET_EMPTY_SOURCE})
add_library(kernels_cpu OBJECT EXCLUDE_FROM_ALL ${cpu_sources} ${ALEXNET_EMPTY_SOURCE})
target_compile_definitions(kernels_cpu PRIVATE ALEXNET_KIND_CPU)
target_compile_options(kernels_cpu PRIVATE ${ALEXNET_CPU_FLAGS})
add_library(kernels_reference OBJECT EXCLUDE_FROM_ALL ${reference_sources} ${ALEXNET_EMPTY_SOURCE})
add_library(kernels_check OBJECT EXCLUDE_FROM_ALL ${check_sources} ${ALEXNET_EMPTY_SOURCE})
# Cases of checks leave out what is last in a shape and 0, as rounding up; kernels may not.
target_compile_options(kernels_check PRIVATE -Wno-missing-field-initializers)

set(ALEXNET_KERNEL_OBJECTS $<TARGET_OBJECTS:kernels_emu>)
set(kernel_targets kernels_emu kernels_cpu kernels_reference kernels_check)
if(ALEXNET_AVX512_FLAGS)
  file(GLOB panel_sources CONFIGURE_DEPENDS ${ALEXNET_KERNELS}/*/*_panels_cpu.cpp)
  add_library(kernels_avx512 OBJECT EXCLUDE_FROM_ALL ${panel_sources})
  target_compile_definitions(kernels_avx512 PRIVATE ALEXNET_KIND_CPU)
  target_compile_options(kernels_avx512 PRIVATE ${ALEXNET_AVX512_FLAGS})
  list(APPEND kernel_targets kernels_avx512)
endif()
if(ALEXNET_HAVE_CUDA)
  add_library(kernels_cuda OBJECT EXCLUDE_FROM_ALL ${kernel_sources})
  list(APPEND ALEXNET_KERNEL_OBJECTS $<TARGET_OBJECTS:kernels_cuda>)
  list(APPEND kernel_targets kernels_cuda)
endif()
# Last, because of an inline function that several objects have the linker keeps the first: not one that needs AVX2.
list(APPEND ALEXNET_KERNEL_OBJECTS $<TARGET_OBJECTS:kernels_cpu>)
if(ALEXNET_AVX512_FLAGS)
  list(APPEND ALEXNET_KERNEL_OBJECTS $<TARGET_OBJECTS:kernels_avx512>)
endif()

# Sets ${objects} to the objects of kernels/<family>/ in every library of kernels; ${checks} to its references and cases.
# One program for one family is then linked from little: what else it needs is in ALEXNET_NEEDS_<family>.
function(alexnet_family_objects family objects checks)
  file(GLOB sources RELATIVE ${ALEXNET_KERNELS}/${family} ${ALEXNET_KERNELS}/${family}/*.cu)
  list(TRANSFORM sources REPLACE "\\.cu$" "")
  list(JOIN sources "|" names)
  set(found "$<FILTER:$<TARGET_OBJECTS:kernels_emu>,INCLUDE,/emulated/(${names})\\.cpp>")
  foreach(library cpu avx512 cuda)
    if(TARGET kernels_${library})
      list(APPEND found "$<FILTER:$<TARGET_OBJECTS:kernels_${library}>,INCLUDE,/kernels/(${family}|common)/>")
    endif()
  endforeach()
  set(${objects} ${found} PARENT_SCOPE)
  set(${checks} "$<FILTER:$<TARGET_OBJECTS:kernels_check>,INCLUDE,/kernels/${family}/>" PARENT_SCOPE)
endfunction()

file(GLOB ALEXNET_FAMILIES RELATIVE ${ALEXNET_KERNELS} CONFIGURE_DEPENDS ${ALEXNET_KERNELS}/*/*_check.cpp)
list(TRANSFORM ALEXNET_FAMILIES REPLACE "/.*" "")
list(REMOVE_DUPLICATES ALEXNET_FAMILIES)
list(REMOVE_ITEM ALEXNET_FAMILIES common)
# fc has dropout in its epilogue and the update in its wgrad; the gradients of weights sum those of biases.
set(ALEXNET_NEEDS_fc bias dropout sgd)
set(ALEXNET_NEEDS_conv bias)
set(ALEXNET_NEEDS_local bias)

foreach(target IN LISTS kernel_targets)
  target_include_directories(${target} PRIVATE ${ALEXNET_KERNELS} ${ALEXNET_KERNELS}/common ${ALEXNET_NATIVE})
endforeach()
