// Whose instruction it was: kernel, block, thread and source line.
#ifndef ALEXNET_CHECK_CULPRIT_H
#define ALEXNET_CHECK_CULPRIT_H

#include <string>

#include "emulator/cuda_names.h"

namespace alexnet::check {

struct Culprit {
  const void* instruction = nullptr;
  void* kernel = nullptr;  // on the emulator; null elsewhere
  uint3 block = {}, thread = {};

  // What the calling OS thread runs, at this instruction. For signal handlers: allocates nothing.
  static Culprit now(const void* instruction);

  // "kernel f, block (0,0,0), thread (3,0,0), kernels/x/y.cu:31", the line alone outside of a kernel. Of what was
  // inlined the inner place comes first: "kernels/common/a.cuh:7 in kernels/x/y.cu:31". Lines come from binutils'
  // addr2line, which a compiler needs anyway; without it, or without line numbers in the build, "address 0x1234 of
  // PROGRAM".
  std::string text() const;
};

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_CULPRIT_H
