// The dropout of dropout_vector_cpu.cpp, for the fully connected layers that apply it to what they have just computed.
#ifndef ALEXNET_DROPOUT_CPU_H
#define ALEXNET_DROPOUT_CPU_H

#include "common/epilogue.h"
#include "dropout/dropout.h"

namespace alexnet {

// fprop of dropout.h; y may be x.
void dropout_rows(const DropoutShape& s, const StepSettings* settings, const float* x, float* y, bool training,
                  const Cores& cores);

// The last part of an epilogue, on a y that has all the others.
inline void finish_dropout(const Epilogue& e, float* y, const Cores& cores) {
  if (e.dropout == EpilogueDropout::kNone) return;
  dropout_rows(e.dropout_shape, e.settings, y, y, e.dropout == EpilogueDropout::kTraining, cores);
}

}  // namespace alexnet

#endif  // ALEXNET_DROPOUT_CPU_H
