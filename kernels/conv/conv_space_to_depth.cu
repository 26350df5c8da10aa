// conv_space_to_depth: a convolution with a stride as one without, over the channels of blocks of pixels. Tensor cores
// take those channels where they do not take x's own: conv1's 3 become 48.
// Math     x'[n,a,b,(i,j,c)] = x[n, a*stride + i - pad, b*stride + j - pad, c], 0 where no window sees a pixel
//          w'[k,a,b,(i,j,c)] = w[k, a*stride + i, b*stride + j, c], 0 where the filter has no such tap
//          with i, j in [0, stride) and (i,j,c) = (i*stride + j)*C + c; then y, or dw' and db, by conv.h of x' and w'
//          with stride 1 and no padding. dw is what of dw' belongs to the filter's taps
// Shapes   x: [N,H,W,C], w: [K,R,S,C], y, dy: [N,P,Q,K] bf16, dw: [K,R,S,C], bias, db: [K] or null float32; no
//          aliasing. In the workspace x': [N,P-1+R',Q-1+S',stride*stride*C] bf16, w' bf16 or dw' float32:
//          [K,R',S',stride*stride*C], with R' = ceil(R/stride), S' = ceil(S/stride)
// Units    none
// Cost     in each pass x is read and x' written, 2 bytes a value. Predicted for conv1, 128 images, one tower, on an
//          H200: 78 MB, 18 us at 4.3 TB/s; 233 instructions in sm_90a code for 8 values, 20 us of issue. Of a product's
//          (R'*stride)*(S'*stride) taps R*S are useful, conv1's by 84 %. w', or dw' and dw: 0.1 MB
// Launch   kThreads per block; a thread owns 8 values of x', of one block of pixels, by a store of 16 bytes; a value of
//          w'; a value of dw. No shared memory. The product is mma_bf16's (conv_fprop_implicit_gemm.cu,
//          conv_wgrad_implicit_gemm.cu). Workspace: x', then w' or dw', then the product's
// Valid    validate_conv, G 1, stride from 2 to the smaller of R and S, C not divisible by 8 (else mma_bf16 takes x as
//          it is), stride*stride*C divisible by 8 and up to kMostChannels, and what mma_bf16 takes of x' and w': in
//          wgrad K divides by 8. Pixels of a window's blocks that it does not see are multiplied by 0: a NaN or an
//          infinity there makes NaN of its outputs. Bit-reproducible
// Measured not measured
#include "common/bf16.h"
#include "common/gemm_plan.h"
#include "common/launch.cuh"
#include "conv/conv.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;
constexpr int kChunk = 8;  // values of 16 bytes
constexpr int64_t kMostChannels = 1 << 16;

// The convolution of x' and w'.
ConvShape depth_shape(const ConvShape& s) {
  const int R = ceil_div(s.R, s.stride), S = ceil_div(s.S, s.stride);
  return {s.N, s.stride * s.stride * s.C, conv_P(s) - 1 + R, conv_Q(s) - 1 + S, s.K, R, S, 1, 0, 1, ALEXNET_ROUND_UP};
}

// d is depth_shape(s), here and below; d.H - d.R is the last window's row. Offsets in x have 32 bits, as the product's
// have in x' (gemm_fits): an image is less than a row and a column of blocks larger than d's.
__global__ void conv_image_to_depth(ConvShape s, ConvShape d, const Bf16* x, Bf16* to) {
  const unsigned chunk = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned chunks = unsigned(d.C) / kChunk;  // of a block of pixels
  const unsigned block = chunk / chunks, line = block / unsigned(d.W), n = line / unsigned(d.H);
  if (n >= unsigned(s.N)) return;
  const int row = s.stride * s.C, width = s.W * s.C;  // values of a row in a block, in x
  const int first = int(chunk % chunks) * kChunk, i = int(unsigned(first) / unsigned(row));
  const int left = (int(block % unsigned(d.W)) * s.stride - s.pad) * s.C;
  int h = int(line % unsigned(d.H)) * s.stride - s.pad + i, value = left + first - i * row;
  int from = (int(n) * s.H + h) * width + value;
  // Behind the last pixel that a window sees; what is negative is behind it too.
  const auto bottom = unsigned(max(0, min(s.H, (d.H - d.R) * s.stride + s.R - s.pad)));
  const auto right = unsigned(max(0, min(s.W, (d.W - d.S) * s.stride + s.S - s.pad)) * s.C);
  uint32_t words[kChunk / 2];
  ALEXNET_UNROLL
  for (int j = 0; j < kChunk; ++j) {
    const bool seen = unsigned(h) < bottom && unsigned(value) < right;
    const uint32_t bits = seen ? x[from].bits : 0;
    words[j / 2] = j % 2 == 0 ? bits : words[j / 2] | bits << 16;
    ++value, ++from;
    if (value == left + row) value = left, ++h, from += width - row;
  }
  reinterpret_cast<uint4*>(to)[chunk] = make_uint4(words[0], words[1], words[2], words[3]);
}

__global__ void conv_filters_to_depth(ConvShape s, ConvShape d, const Bf16* w, Bf16* to) {
  const int value = int(blockIdx.x * blockDim.x + threadIdx.x);
  if (value >= d.K * d.R * d.S * d.C) return;
  const int c = value % s.C, j = value / s.C % s.stride, i = value / s.C / s.stride % s.stride;
  const int b = value / d.C % d.S, a = value / d.C / d.S % d.R, k = value / d.C / d.S / d.R;
  const int row = a * s.stride + i, column = b * s.stride + j;
  const bool is_tap = row < s.R && column < s.S;
  to[value] = is_tap ? w[((int64_t(k) * s.R + row) * s.S + column) * s.C + c] : Bf16::of(0);
}

// dw' to dw.
__global__ void conv_gradient_from_depth(ConvShape s, ConvShape d, const float* from, float* dw) {
  const int value = int(blockIdx.x * blockDim.x + threadIdx.x);
  if (value >= s.K * s.R * s.S * s.C) return;
  const int c = value % s.C, column = value / s.C % s.S, row = value / s.C / s.S % s.R, k = value / s.C / s.S / s.R;
  const int pixel = row % s.stride * s.stride + column % s.stride;  // of a block
  dw[value] = from[((int64_t(k) * d.R + row / s.stride) * d.S + column / s.stride) * d.C + pixel * s.C + c];
}

Status image_to_depth(const ConvShape& s, const ConvShape& d, const float* x, float* to, Stream stream) {
  const unsigned blocks = blocks_for(conv_x_count(d) / kChunk, kThreads);
  return launch(conv_image_to_depth, blocks, kThreads, 0, stream, s, d, as_bf16(x), as_bf16(to));
}

// What multiplies x' and w', or null where this is not for a shape.
template <class Pass>
const Variant<Pass>* product_of(const ConvShape& s) {
  const int64_t channels = int64_t(s.stride) * s.stride * s.C;
  const bool in_blocks = s.G == 1 && s.stride >= 2 && s.stride <= s.R && s.stride <= s.S;
  if (!in_blocks || s.C % kChunk == 0 || channels % kChunk != 0 || channels > kMostChannels) return nullptr;
  std::string why;
  return choose<Pass>({kCompiledKind, kMmaCapability, Precision::kBf16}, depth_shape(s), Forced{"mma_bf16"}, &why);
}

template <class Pass>
int prefer_depth(const ConvShape& s, const Target& target) {
  return product_of<Pass>(s) == nullptr ? 0 : gemm_preference(target);
}

// w' is bf16, dw' float32.
template <class Pass>
constexpr int64_t kFilterBytes = std::is_same_v<Pass, ConvFprop> ? sizeof(Bf16) : sizeof(float);

// The workspace: x', then w' or dw', each aligned as a workspace is; then the product's.
template <class Pass>
struct DepthMemory {
  int64_t x_bytes, w_bytes;

  explicit DepthMemory(const ConvShape& d)
      : x_bytes(aligned(conv_x_count(d) * int64_t(sizeof(Bf16)))),
        w_bytes(aligned(conv_w_count(d) * kFilterBytes<Pass>)) {}
  float* x(const Stream& stream) const { return static_cast<float*>(stream.workspace); }
  float* w(const Stream& stream) const {
    return reinterpret_cast<float*>(static_cast<char*>(stream.workspace) + x_bytes);
  }
  Stream rest(Stream stream) const {
    stream.workspace = static_cast<char*>(stream.workspace) + x_bytes + w_bytes;
    stream.workspace_bytes -= x_bytes + w_bytes;
    return stream;
  }

 private:
  static int64_t aligned(int64_t bytes) {
    constexpr int64_t kAlignment = 256;
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
};

template <class Pass>
int64_t workspace_depth(const ConvShape& s) {
  const Variant<Pass>* const product = product_of<Pass>(s);
  if (product == nullptr) return 0;
  const ConvShape d = depth_shape(s);
  const DepthMemory<Pass> memory(d);
  return memory.x_bytes + memory.w_bytes + product->workspace(d);
}

Status launch_fprop_depth(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                          Stream stream) {
  const ConvShape d = depth_shape(s);
  const DepthMemory<ConvFprop> memory(d);
  float *const x_depth = memory.x(stream), *const w_depth = memory.w(stream);
  ALEXNET_TRY(image_to_depth(s, d, x, x_depth, stream));
  ALEXNET_TRY(launch(conv_filters_to_depth, blocks_for(conv_w_count(d), kThreads), kThreads, 0, stream, s, d,
                     as_bf16(w), as_bf16(w_depth)));
  return product_of<ConvFprop>(s)->launch(d, x_depth, w_depth, y, epilogue, memory.rest(stream));
}

Status launch_wgrad_depth(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  const ConvShape d = depth_shape(s);
  const DepthMemory<ConvWgrad> memory(d);
  float *const x_depth = memory.x(stream), *const dw_depth = memory.w(stream);
  ALEXNET_TRY(image_to_depth(s, d, x, x_depth, stream));
  ALEXNET_TRY(product_of<ConvWgrad>(s)->launch(d, x_depth, dy, dw_depth, db, memory.rest(stream)));
  return launch(conv_gradient_from_depth, blocks_for(conv_w_count(s), kThreads), kThreads, 0, stream, s, d, dw_depth,
                dw);
}

}  // namespace

ALEXNET_VARIANT_ENTRY(fprop, kCompiledKind, Needs::kTensorCores, ConvFprop, "depth_mma_bf16", prefer_depth<ConvFprop>,
                      workspace_depth<ConvFprop>, launch_fprop_depth, Precision::kBf16, nullptr, 0, Algorithm::kDirect)
ALEXNET_VARIANT_ENTRY(wgrad, kCompiledKind, Needs::kTensorCores, ConvWgrad, "depth_mma_bf16", prefer_depth<ConvWgrad>,
                      workspace_depth<ConvWgrad>, launch_wgrad_depth, Precision::kBf16, nullptr, 0, Algorithm::kDirect)

}  // namespace alexnet
