// Epilogue: what conv, local and fc fprop do with a product before they store it.
#ifndef ALEXNET_EPILOGUE_H
#define ALEXNET_EPILOGUE_H

#include "common/shapes.h"

namespace alexnet {

enum class EpilogueDropout : int32_t { kNone, kTraining, kTesting };

// y = dropout(relu((accumulate ? y : 0) + product + bias)), in that order. `accumulate` is how a layer that reads both
// towers adds its second input plane; bias, ReLU and dropout then belong to the second call only.
// Dropout is for fc alone, where element i of dropout.h is y's flat element n*K + k. In training the stored tensor then
// tells the backward pass all it needs: y > 0 where the unit was active and kept.
struct Epilogue {
  const float* bias = nullptr;  // [K], local's [P,Q,K], or null for none
  bool accumulate = false;
  bool relu = false;
  EpilogueDropout dropout = EpilogueDropout::kNone;
  DropoutShape dropout_shape = {};         // count is N*K
  const StepSettings* settings = nullptr;  // of the step, in the device's memory; null without dropout
  // Of bf16 alone, so that a layer that reads several planes rounds once: float32 memory of y's size, in which
  // `accumulate` finds the planes before and which holds the value before it is rounded to y. y may then be null: more
  // will come. Without it nothing is accumulated.
  float* sums = nullptr;
};

}  // namespace alexnet

#endif  // ALEXNET_EPILOGUE_H
