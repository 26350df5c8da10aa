// Which tile the plan gives which product: the layers of the paper at batch 128, and the cases of conv_check.cpp,
// fc_check.cpp and local_check.cpp that are there for the sake of one tile.
#include "common/gemm_plan.h"
#include "common/unit.h"

namespace alexnet::check {
namespace {

constexpr TileSpec kAll[] = {tile_spec<Tile128x96>(), tile_spec<Tile128x64>(), tile_spec<Tile128x64FourWarps>(),
                             tile_spec<Tile128x48>(), tile_spec<Tile64x32>()};
constexpr TileSpec kBf16[] = {tile_spec<Tile128x96>(), tile_spec<Tile128x64FourWarps>(), tile_spec<Tile128x48>(),
                              tile_spec<Tile64x32>()};
constexpr TileSpec kRows[] = {tile_spec<Tile128x96>(), tile_spec<Tile128x48>()};
constexpr TileSpec kScalars[] = {tile_spec<Tile128x48>()};

struct Want {
  const char* name;
  int64_t rows, columns, products;
  int tile_columns;
  int threads = 0;  // of the tile, where two have these columns
};

template <int count>
std::string expect_tiles(const TileSpec (&tiles)[count], const std::vector<Want>& wants) {
  for (const Want& want : wants) {
    const TileSpec& tile = tiles[choose_tile(tiles, want.rows, want.columns, want.products)];
    if (tile.columns == want.tile_columns && (want.threads == 0 || tile.threads == want.threads)) continue;
    return format_text("%s gets a tile of %d columns and %d threads, expected %d and %d", want.name, tile.columns,
                       tile.threads, want.tile_columns, want.threads);
  }
  return "";
}

std::string gemm_plan_of_the_layers() {
  std::string wrong = expect_tiles(kRows, {{"conv1 fprop", 128 * 55 * 55, 48, 1, 48}});
  if (!wrong.empty()) return wrong;
  return expect_tiles(kAll, {{"conv2 fprop", 128 * 27 * 27, 128, 1, 64, 64},
                             {"conv2 dgrad", 128 * 27 * 27, 48, 1, 48},
                             {"conv3 fprop, conv4, conv5 dgrad", 128 * 13 * 13, 192, 1, 64},
                             {"conv3 dgrad, conv5 fprop", 128 * 13 * 13, 128, 1, 64, 128}});
}

std::string gemm_plan_of_the_tile_cases() {
  // What the lists for float32, tf32 and bf16 have in common.
  const std::vector<Want> shared = {{"fc fprop tile-96", 380, 3100, 1, 96},
                                    {"fc fprop tile-64", 300, 2540, 1, 64, 128},
                                    {"fc fprop tile-48", 257, 1900, 1, 48},
                                    {"fc dgrad tile-96", 380, 3104, 1, 96},
                                    {"fc dgrad tile-64", 300, 2536, 1, 64, 128},
                                    {"fc dgrad tile-48", 257, 1904, 1, 48},
                                    {"fc, bf16 conv wgrad tile-96", 6088, 184, 1, 96},
                                    {"fc wgrad tile-64", 6344, 120, 1, 64, 128},
                                    {"fc, bf16 conv wgrad tile-48", 4896, 104, 1, 48},
                                    {"local tile-96", 120, 88, 132, 96},
                                    {"local tile-64", 120, 56, 132, 64, 128},
                                    {"local tile-48", 120, 40, 132, 48}};
  std::string wrong = expect_tiles(kAll, {{"conv fprop, dgrad tile-96", 78 * 78, 180, 1, 96},
                                          {"conv fprop, dgrad tile-64", 77 * 77, 124, 1, 64, 128},
                                          {"conv fprop, dgrad tile-48", 70 * 70, 100, 1, 48},
                                          {"conv wgrad tile-96", 676 * 9, 180, 1, 96},
                                          {"conv, fc tile-64-many", 226 * 226, 64, 1, 64, 64},
                                          {"conv wgrad tile-64-many", 5676 * 9, 64, 1, 64, 64},
                                          {"conv wgrad tile-64", 660 * 9, 124, 1, 64, 128},
                                          {"conv wgrad tile-48", 544 * 9, 100, 1, 48},
                                          {"fc wgrad tile-64-many", 51080, 64, 1, 64, 64},
                                          {"local tile-64-many", 120, 56, 528, 64, 64},
                                          {"small ones, tile-32", 65, 33, 1, 32}});
  if (wrong.empty()) wrong = expect_tiles(kAll, shared);
  if (wrong.empty()) wrong = expect_tiles(kBf16, shared);
  if (wrong.empty()) {
    wrong = expect_tiles(kRows, {{"conv fprop tile-rows-96", 78 * 78, 180, 1, 96},
                                 {"conv fprop tile-rows-48", 62 * 62, 140, 1, 48},
                                 {"conv wgrad tile-taps-96", 675 * 9, 180, 1, 96},
                                 {"conv wgrad tile-taps-48", 545 * 9, 100, 1, 48},
                                 {"local wgrad tile-taps-96", 123, 92, 132, 96},
                                 {"local wgrad tile-taps-48", 123, 44, 132, 48}});
  }
  if (wrong.empty()) {
    wrong = expect_tiles(kBf16, {{"conv fprop tile-96-bf16", 78 * 78, 180, 1, 96},
                                 {"conv fprop tile-64-bf16", 80 * 80, 120, 1, 64, 128},
                                 {"conv fprop tile-48-bf16", 70 * 70, 100, 1, 48},
                                 {"conv dgrad tile-96-bf16", 78 * 78, 184, 1, 96},
                                 {"conv dgrad tile-64-bf16", 80 * 80, 120, 1, 64, 128},
                                 {"conv dgrad tile-48-bf16", 70 * 70, 104, 1, 48}});
  }
  if (wrong.empty()) {
    wrong = expect_tiles(kScalars, {{"conv fprop, dgrad tile-scalars", 70 * 70, 97, 1, 48},
                                    {"conv wgrad tile-scalars", 545 * 9, 99, 1, 48},
                                    {"fc wgrad tile-scalars", 4905, 99, 1, 48},
                                    {"local tile-scalars", 123, 43, 132, 48}});
  }
  return wrong;
}

// The parts cover k, and none is empty.
std::string gemm_plan_splits() {
  const TileSpec tile = tile_spec<Tile128x48>();
  for (const int64_t blocks : {1, 7, 100, 600}) {
    for (const int64_t stages : {1, 7, 8, 15, 16, 29, 288, 5832}) {
      const KSplit split = split_k(tile, blocks, stages, 8);
      const int64_t before_last = int64_t(split.parts - 1) * split.stages;
      if (split.parts >= 1 && before_last < stages && stages <= before_last + split.stages &&
          (split.parts == 1 || (split.stages >= 8 && blocks * split.parts <= kMultiprocessors * tile.blocks))) {
        continue;
      }
      return format_text("%lld stages in %lld blocks: %d parts of %d", static_cast<long long>(stages),
                         static_cast<long long>(blocks), split.parts, split.stages);
    }
  }
  const KSplit uneven = split_k(tile, 1, 29, 8);
  if (uneven.parts != 3 || uneven.stages != 10) return "29 stages are not three parts of 10, 10 and 9";
  return "";
}

ALEXNET_UNIT_TEST("common", gemm_plan_of_the_layers)
ALEXNET_UNIT_TEST("common", gemm_plan_of_the_tile_cases)
ALEXNET_UNIT_TEST("common", gemm_plan_splits)

}  // namespace
}  // namespace alexnet::check
