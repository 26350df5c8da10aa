# What every kernel needs of a GPU, for docs/measurements/resources.md: compiles each .cu file for sm_80 and sm_90a with
# ptxas's report, without linking anything, counts in the loops of FFMA what limits them (register_banks.py), and fails if
# a kernel spills registers to memory or its loop of FFMA leaves what limits such loops on sm_90a. By hand, where nvcc and python3 are:
#   cmake -P cmake/Resources.cmake
# Options: -DNVCC=nvcc -DARCHITECTURES="sm_80;sm_90a" -DONLY=conv (part of a path), before -P.
cmake_minimum_required(VERSION 3.25)

get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
set(page ${root}/docs/measurements/resources.md)
if(NOT NVCC)
  find_program(NVCC nvcc PATHS /usr/local/cuda/bin)
endif()
if(NOT NVCC)
  message(FATAL_ERROR "no nvcc: put it into PATH or give -DNVCC=...")
endif()
find_program(PYTHON python3)
if(NOT PYTHON)
  message(FATAL_ERROR "no python3, which counts register banks")
endif()
if(NOT ARCHITECTURES)
  set(ARCHITECTURES sm_80 sm_90a)
endif()

execute_process(COMMAND ${NVCC} --version OUTPUT_VARIABLE version)
string(REGEX MATCH "release [0-9.]+, V[0-9.]+" version "${version}")

file(GLOB sources ${root}/kernels/*/*.cu ${root}/native/runtime/cuda/*.cu ${root}/native/check/*.cu)
list(SORT sources)
# "alexnet::(anonymous namespace)::f<alexnet::T, 3>(int, float const*)" to "f<T, 3>".
function(short_name mangled out)
  execute_process(COMMAND c++filt ${mangled} OUTPUT_VARIABLE plain OUTPUT_STRIP_TRAILING_WHITESPACE
                  RESULT_VARIABLE missing)
  if(missing)
    set(plain ${mangled})
  endif()
  string(REGEX REPLACE "\\(anonymous namespace\\)::|alexnet::|check::|^void " "" plain "${plain}")
  string(REGEX REPLACE "\\([A-Z][A-Za-z]*\\)([0-9])" "\\1" plain "${plain}")  # an enumerator's type
  # The parameters, which begin at the first bracket that follows a name or a template's end.
  string(REGEX REPLACE "\\([A-Za-z].*$|\\(\\)$" "" plain "${plain}")
  string(REGEX REPLACE "\\((int|bool|long)\\)" "" plain "${plain}")
  set(${out} "${plain}" PARENT_SCOPE)
endfunction()

set(cubin ${CMAKE_CURRENT_BINARY_DIR}/resources.cubin)
set(rows "")
set(loops "")
set(spilling "")
# What a loop of FFMA may at most and must at least have on sm_90a: percent of FFMA, of issue slots; registers.
set(most_conflicts 15)
set(least_share 76)
set(most_registers 228)
set(slow "")
set(count 0)
foreach(source IN LISTS sources)
  file(RELATIVE_PATH name ${root} ${source})
  if(ONLY AND NOT name MATCHES "${ONLY}")
    continue()
  endif()
  foreach(architecture IN LISTS ARCHITECTURES)
    execute_process(
      COMMAND ${NVCC} -std=c++17 -O3 -DNDEBUG -arch=${architecture} -cubin -Xptxas -v -I ${root}/kernels
              -I ${root}/kernels/common -I ${root}/native -I ${root}/native/include -o ${cubin} ${source}
      OUTPUT_VARIABLE report ERROR_VARIABLE report RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "${name} does not compile for ${architecture}:\n${report}")
    endif()
    # Three lines for a kernel: its name, what it spills, what it uses.
    string(REGEX REPLACE ";" "," report "${report}")
    string(REGEX REPLACE "\n" ";" lines "${report}")
    foreach(line IN LISTS lines)
      if(line MATCHES "Function properties for ([^ ]+)")
        set(kernel ${CMAKE_MATCH_1})
        short_name(${kernel} kernel)
      elseif(line MATCHES "([0-9]+) bytes stack frame, ([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads")
        math(EXPR spills "${CMAKE_MATCH_2} + ${CMAKE_MATCH_3}")
        set(stack ${CMAKE_MATCH_1})
      elseif(line MATCHES "Used ([0-9]+) registers")
        set(registers ${CMAKE_MATCH_1})
        set(shared 0)
        if(line MATCHES "([0-9]+) bytes smem")
          set(shared ${CMAKE_MATCH_1})
        endif()
        string(APPEND rows "| ${kernel} | ${name} | ${architecture} | ${registers} | ${spills} | ${stack} | ${shared} |\n")
        math(EXPR count "${count} + 1")
        if(name MATCHES "^kernels/" AND architecture STREQUAL "sm_90a" AND registers GREATER ${most_registers})
          list(APPEND slow "${kernel} in ${name}: ${registers} registers")
        endif()
        if(spills GREATER 0)
          list(APPEND spilling "${kernel} in ${name} for ${architecture}: ${spills} bytes")
        endif()
      endif()
    endforeach()
    execute_process(COMMAND ${PYTHON} ${CMAKE_CURRENT_LIST_DIR}/register_banks.py ${cubin} OUTPUT_VARIABLE counts
                    COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[^\n]+" counts "${counts}")
    foreach(line IN LISTS counts)
      string(REPLACE "\t" ";" fields "${line}")
      list(POP_FRONT fields kernel)
      short_name(${kernel} kernel)
      list(GET fields 3 conflicts)
      list(GET fields 4 share)
      # Loops of matrix products, as ptxas has them for the newest target. CMake compares numbers with points.
      if(name MATCHES "^kernels/" AND architecture STREQUAL "sm_90a" AND
         (conflicts GREATER ${most_conflicts} OR share LESS ${least_share}))
        list(APPEND slow "${kernel} in ${name}: ${conflicts} % conflicts, ${share} % of the issue slots")
      endif()
      list(JOIN fields " | " fields)
      string(APPEND loops "| ${kernel} | ${architecture} | ${fields} |\n")
    endforeach()
  endforeach()
endforeach()

if(NOT ONLY)
  file(WRITE ${page} "# Registers and shared memory

What ptxas says of every kernel; compiled, not run. Written by `cmake -P cmake/Resources.cmake` with nvcc ${version},
which fails if a kernel spills or its loop of FFMA has too many conflicts (15 %) or too small a share (76 %) on sm_90a. Dynamic shared memory, which a launch asks for, is in each kernel's header.

| kernel | file | for | registers | spilled bytes | stack bytes | static shared bytes |
|---|---|---|---|---|---|---|
${rows}
## Loops of FFMA

Of each kernel the loop with most FFMA, if it has 64 or more, for one pass through it. A conflict is an FFMA that needs one bank of registers
twice; the share of issue slots supposes that it costs one more (`cmake/register_banks.py`, docs/kernels.md). What a block
may branch past, such as wgrad's 32 instructions for the bias, is counted.

| kernel | for | FFMA | instructions | conflicts | of FFMA, % | share of slots, % |
|---|---|---|---|---|---|---|
${loops}")
else()
  message("${rows}\n${loops}")
endif()
file(REMOVE ${cubin})
if(spilling)
  list(JOIN spilling "\n  " spilling)
  message(FATAL_ERROR "kernels that spill registers:\n  ${spilling}")
endif()
if(slow)
  list(JOIN slow "\n  " slow)
  message(FATAL_ERROR "beyond ${most_conflicts} % conflicts, ${least_share} % of the issue slots or ${most_registers} registers:\n  ${slow}")
endif()
message("${count} kernels, none spills; all loops of FFMA within ${most_conflicts} % conflicts and ${least_share} % of the issue slots")
