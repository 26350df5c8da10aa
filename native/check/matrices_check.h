// matrices_check: the emulator's tensor cores, in tf32 and bf16, and what loads their matrices from shared memory.
#ifndef ALEXNET_MATRICES_CHECK_H
#define ALEXNET_MATRICES_CHECK_H

namespace alexnet::check {

void check_matrices();

}  // namespace alexnet::check

#endif  // ALEXNET_MATRICES_CHECK_H
