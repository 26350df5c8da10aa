// Epilogue: what conv fprop and fc fprop do with a product before they store it.
#ifndef ALEXNET_EPILOGUE_H
#define ALEXNET_EPILOGUE_H

namespace alexnet {

// y = relu((accumulate ? y : 0) + product + bias), in that order. `accumulate` is how a layer that reads both towers
// adds its second input plane; the bias and the ReLU then belong to the second call only.
struct Epilogue {
  const float* bias = nullptr;  // [K], or null for none
  bool accumulate = false;
  bool relu = false;
};

}  // namespace alexnet

#endif  // ALEXNET_EPILOGUE_H
