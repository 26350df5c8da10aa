// The shapes of conv's cases: the layers of the paper, edges, and for each pass what its tiles need.
#ifndef ALEXNET_CONV_LAYERS_H
#define ALEXNET_CONV_LAYERS_H

#include <vector>

#include "conv/conv.h"

namespace alexnet {
namespace {

struct Layer {
  const char* name;
  const char* why;
  ConvShape shape;  // N, C, H, W, K, R, S, stride, pad, G, rounding
  bool small = true;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"conv1", "paper, one tower: 224 to 55 by ceil", {1, 3, 224, 224, 48, 11, 11, 4, 0, 1}, false},
      {"conv2", "paper, one tower", {1, 48, 27, 27, 128, 5, 5, 1, 2, 1}, false},
      {"conv3-plane", "paper, one of the two planes a tower reads", {1, 128, 13, 13, 192, 3, 3, 1, 1, 1}, false},
      {"conv4", "paper, one tower", {1, 192, 13, 13, 192, 3, 3, 1, 1, 1}, false},
      {"conv5", "paper, one tower", {1, 192, 13, 13, 128, 3, 3, 1, 1, 1}, false},
      {"conv2-both", "paper, both towers as two groups", {1, 96, 27, 27, 256, 5, 5, 1, 2, 2}, false},
      {"one", "every extent 1", {1, 1, 1, 1, 1, 1, 1, 1, 0, 1}},
      {"odd", "odd height and width, odd channel counts, three images", {3, 3, 7, 9, 5, 3, 3, 1, 1, 1}},
      {"ceil-4", "the last windows run 3 pixels past the image, as conv1's do", {2, 3, 16, 12, 4, 5, 5, 4, 0, 1}},
      {"ceil-2", "rows are exact, columns run past by one", {1, 2, 9, 8, 3, 3, 3, 2, 0, 1}},
      {"down-4",
       "rounded down: rows and columns that no window reaches have no gradient",
       {2, 3, 16, 15, 4, 5, 5, 4, 0, 1, ALEXNET_ROUND_DOWN}},
      {"down-11", "torchvision's conv1, small: padded, one less window", {1, 3, 24, 20, 8, 11, 11, 4, 2, 1, 1}},
      {"down-groups", "rounded down in groups", {2, 4, 6, 8, 6, 3, 3, 2, 1, 2, ALEXNET_ROUND_DOWN}},
      {"past",
       "stride beyond the filter: a whole window lies outside, pixels between windows have no gradient",
       {1, 2, 5, 5, 2, 1, 1, 3, 0, 1}},
      {"wide-pad", "padding beyond the filter's reach: border outputs see no pixel", {1, 2, 3, 4, 3, 2, 2, 1, 3, 1}},
      {"flat-filter", "rows and columns of the filter differ", {2, 3, 6, 5, 4, 1, 4, 1, 0, 1}},
      {"tall-filter", "the filter is as high as the padded image", {1, 2, 4, 6, 3, 6, 2, 2, 1, 1}},
      {"groups-2", "two groups with several channels each", {2, 6, 5, 5, 4, 3, 3, 1, 1, 2}},
      {"groups-all", "a group per channel", {1, 4, 5, 5, 8, 3, 3, 2, 1, 4}},
      {"below-32", "channels one below a warp", {1, 31, 5, 4, 31, 3, 3, 1, 1, 1}},
      {"at-32", "channels exactly a warp", {1, 32, 5, 4, 32, 3, 3, 1, 1, 1}},
      {"above-32", "channels one above a warp", {1, 33, 5, 4, 33, 3, 3, 1, 1, 1}},
      {"below-64", "channels one below a tile of 64, and above on the other side", {1, 63, 3, 3, 65, 3, 3, 1, 1, 1}},
      {"at-64", "channels exactly a tile of 64", {1, 64, 3, 3, 64, 3, 3, 1, 1, 1}},
      {"above-64", "channels one above a tile of 64, and below on the other side", {1, 65, 3, 3, 63, 3, 3, 1, 1, 1}},
      {"pointwise", "1x1 filter, stride 1: a matrix product", {2, 17, 4, 4, 9, 1, 1, 1, 0, 1}},
      {"around-16", "below and above a tile of 16 channels; taps of 4 floats", {1, 12, 4, 5, 20, 3, 3, 1, 1, 1}},
      {"around-48", "channels around a tile of 48", {1, 47, 3, 3, 49, 3, 3, 1, 1, 1}},
      {"around-96", "channels around a tile of 96", {1, 97, 3, 2, 95, 3, 2, 1, 1, 1}},
      {"images-127", "one image less than a tile of small planes", {127, 5, 2, 3, 6, 2, 2, 1, 1, 1}},
      {"images-129", "one image more, in groups", {129, 8, 2, 1, 8, 2, 1, 1, 0, 2}},
      {"filter-15-16", "the largest filter of the matrix product", {1, 3, 17, 18, 5, 15, 16, 1, 1, 1}},
      {"filter-rows-16", "a row more than it takes", {1, 2, 17, 6, 3, 16, 2, 1, 1, 1}},
      {"filter-columns-17", "a column more than it takes", {1, 2, 6, 18, 3, 2, 17, 1, 1, 1}},
      {"past-rows", "whole windows lie outside, and rows can be read by 16 bytes", {1, 1, 6, 8, 2, 1, 1, 4, 0, 1}},
      {"eights", "what bf16 copies by 16 bytes, stages and tiles not full", {2, 24, 5, 7, 40, 3, 3, 1, 1, 1}},
      {"eights-groups", "the same in groups", {1, 16, 5, 4, 16, 3, 3, 1, 1, 2}},
      {"eights-stride", "the same with a stride", {2, 16, 7, 6, 32, 3, 3, 2, 1, 2}},
      {"parts-eights", "pixels in two parts of stages of bf16", {1, 16, 23, 24, 16, 3, 3, 1, 1, 2}},
      {"parts", "pixels in three parts, the last one shorter and not full", {1, 5, 21, 22, 7, 3, 3, 1, 1, 1}},
      {"parts-groups", "the same with taps of 4 floats and groups", {1, 8, 21, 22, 16, 3, 3, 1, 1, 2}},
      {"depth-227",
       "conv1 as for 227 columns, one row of windows: each in the image",
       {1, 3, 11, 227, 48, 11, 11, 4, 0, 1}},
      {"depth-2", "blocks of 2 x 2 of 2 channels, padded; taps are added", {2, 2, 9, 7, 16, 3, 3, 2, 1, 1}},
      {"depth-whole", "filters of whole blocks: no tap is added", {1, 2, 8, 10, 8, 4, 2, 2, 0, 1}},
      {"depth-pad", "more padding than a block; rows and columns differ", {2, 1, 9, 14, 24, 6, 5, 4, 5, 1}},
      {"depth-blank", "windows of padding alone", {1, 2, 5, 4, 8, 2, 2, 2, 3, 1}},
      {"depth-6", "blocks of 6 x 6, a filter one larger", {1, 2, 13, 14, 8, 7, 7, 6, 0, 1}},
      {"depth-down",
       "rounded down: blocks have pixels that no window sees",
       {2, 3, 17, 18, 8, 5, 6, 4, 1, 1, ALEXNET_ROUND_DOWN}},
      {"depth-parts", "pixels in two parts of stages of bf16", {1, 2, 60, 40, 8, 3, 3, 2, 1, 1}},
      {"stride-3", "blocks of 27 values, which do not divide by 8", {1, 3, 9, 10, 8, 5, 5, 3, 1, 1}},
      {"winograd-pixel", "one pixel on either side, which Winograd leaves to direct", {3, 16, 1, 1, 17, 3, 3, 1, 1, 1}},
      {"winograd-row", "one row of outputs: no strip is full", {3, 18, 1, 9, 20, 3, 3, 1, 1, 1}},
      {"winograd-column", "one column of outputs", {2, 20, 9, 1, 16, 3, 3, 1, 1, 1}},
      {"winograd-full", "tiles of 2 and 4 without an edge", {2, 16, 8, 4, 16, 3, 3, 1, 1, 1}},
      {"winograd-1-2", "edges of one row and two columns", {2, 19, 5, 6, 33, 3, 3, 1, 1, 1}},
      {"winograd-2-3", "edges of two rows and three columns", {2, 33, 6, 7, 19, 3, 3, 1, 1, 1}},
      {"winograd-3-1", "edges of three rows and one column", {1, 24, 7, 5, 48, 3, 3, 1, 1, 1}},
      {"winograd-bare",
       "no padding: fewer outputs than inputs, as many as dgrad pads by",
       {2, 17, 7, 9, 16, 3, 3, 1, 0, 1}},
      {"winograd-wide-pad",
       "more padding than the filter reaches: dgrad cuts dy off",
       {1, 16, 5, 4, 18, 3, 3, 1, 4, 1}},
      {"winograd-groups", "two groups that vectors do not divide", {2, 36, 7, 6, 38, 3, 3, 1, 1, 2}},
      {"winograd-images", "several blocks of strips, the last one not full", {37, 16, 9, 6, 16, 3, 3, 1, 1, 1}},
      {"winograd-5", "5 x 5, edges of one row and one column", {2, 17, 5, 7, 20, 5, 5, 1, 2, 1}},
      {"winograd-5-bare", "5 x 5 without padding, a single row of outputs", {1, 16, 5, 8, 16, 5, 5, 1, 0, 1}},
      {"winograd-5-groups", "5 x 5 in groups, an edge of one column", {2, 32, 6, 3, 48, 5, 5, 1, 2, 2}},
  };
  return all;
}

// For each pass small shapes to which the implicit GEMM's plan gives one of its large tiles (gemm_plan_check holds it
// to that). Pixels, channels and taps leave the last tile of each direction, and the last stage, in part.
enum class Pass { kFprop, kDgrad, kWgrad };

std::vector<Layer> with_tiles(Pass pass) {
  std::vector<Layer> all = layers();
  const auto add = [&](const char* name, const char* why, const ConvShape& s) { all.push_back({name, why, s, true}); };
  switch (pass) {
    case Pass::kFprop:
      add("tile-96", "128 x 96, copied by 16 bytes", {1, 4, 78, 78, 180, 3, 3, 1, 1, 1});
      add("tile-64", "128 x 64 of four warps", {1, 4, 77, 77, 124, 3, 3, 1, 1, 1});
      add("tile-64-many", "128 x 64 of two warps", {1, 4, 226, 226, 64, 1, 1, 1, 0, 1});
      add("tile-48", "128 x 48, copied by 16 bytes", {1, 4, 70, 70, 100, 3, 3, 1, 1, 1});
      add("tile-rows-96", "128 x 96, rows of the filter as conv1's", {1, 3, 310, 312, 180, 2, 5, 4, 0, 1});
      add("tile-rows-48", "128 x 48, rows of the filter as conv1's", {1, 3, 246, 248, 140, 2, 5, 4, 0, 1});
      add("tile-scalars", "128 x 48, copied by 4 bytes", {1, 3, 70, 70, 97, 3, 3, 1, 1, 1});
      add("tile-96-bf16", "128 x 96, bf16 by 16 bytes", {1, 40, 78, 78, 180, 1, 1, 1, 0, 1});
      add("tile-64-bf16", "128 x 64 of four warps", {1, 8, 80, 80, 120, 1, 1, 1, 0, 1});
      add("tile-48-bf16", "128 x 48", {1, 8, 70, 70, 100, 1, 1, 1, 0, 1});
      break;
    case Pass::kDgrad:
      add("tile-96", "128 x 96, copied by 16 bytes", {1, 180, 78, 78, 4, 3, 3, 1, 1, 1});
      add("tile-64", "128 x 64 of four warps", {1, 124, 77, 77, 4, 3, 3, 1, 1, 1});
      add("tile-64-many", "128 x 64 of two warps", {1, 64, 226, 226, 4, 1, 1, 1, 0, 1});
      add("tile-48", "128 x 48, copied by 16 bytes", {1, 100, 70, 70, 4, 3, 3, 1, 1, 1});
      add("tile-scalars", "128 x 48, copied by 4 bytes", {1, 97, 70, 70, 3, 3, 3, 1, 1, 1});
      add("tile-96-bf16", "128 x 96, bf16 by 16 bytes", {1, 184, 78, 78, 40, 1, 1, 1, 0, 1});
      add("tile-64-bf16", "128 x 64 of four warps", {1, 120, 80, 80, 8, 1, 1, 1, 0, 1});
      add("tile-48-bf16", "128 x 48", {1, 104, 70, 70, 8, 1, 1, 1, 0, 1});
      break;
    case Pass::kWgrad:
      add("tile-96", "128 x 96, copied by 16 bytes", {1, 676, 5, 5, 180, 3, 3, 1, 1, 1});
      add("tile-64", "128 x 64 of four warps", {1, 660, 5, 5, 124, 3, 3, 1, 1, 1});
      add("tile-64-many", "128 x 64 of two warps", {1, 5676, 3, 3, 64, 3, 3, 1, 1, 1});
      add("tile-48", "128 x 48, copied by 16 bytes", {1, 544, 5, 5, 100, 3, 3, 1, 1, 1});
      add("tile-taps-96", "128 x 96, x by 4 bytes", {1, 675, 5, 5, 180, 3, 3, 1, 1, 1});
      add("tile-taps-48", "128 x 48, x by 4 bytes", {1, 545, 5, 5, 100, 3, 3, 1, 1, 1});
      add("tile-scalars", "128 x 48, copied by 4 bytes", {1, 545, 5, 5, 99, 3, 3, 1, 1, 1});
      add("tile-96-bf16", "128 x 96, bf16 by 16 bytes", {1, 6088, 5, 7, 184, 1, 1, 1, 0, 1});
      add("tile-64-bf16", "128 x 64 of four warps", {1, 6344, 3, 3, 120, 1, 1, 1, 0, 1});
      add("tile-48-bf16", "128 x 48", {1, 4896, 3, 3, 104, 1, 1, 1, 0, 1});
      break;
  }
  return all;
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_CONV_LAYERS_H
