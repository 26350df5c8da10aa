// Which launches become one: of one kernel, on one grid, with the same parameters but those of towers.
#include <string>

#include "common/launch.cuh"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

struct Sum {
  int* total;
};

// Adds `value` for each thread, with ten times as much in the second half of z.
__global__ void add_all(int value, int blocks, OfTowers<Sum> towers) {
  const int tower = int(blockIdx.z) < blocks ? 0 : 1;
  *towers.of[tower].total += tower == 0 ? value : 10 * value;
}
__global__ void add_other(int value, int blocks, OfTowers<Sum> towers) { add_all(value, blocks, towers); }
__global__ void add_alone(int value, int* total) { *total += value; }

// One of two launches that are the same where it does not say otherwise.
struct Case {
  const char* what;
  dim3 blocks = {2, 3, 2};
  unsigned threads = 4;
  size_t shared_bytes = 64;
  int value = 1;
  void (*kernel)(int, int, OfTowers<Sum>) = add_all;
};

Status collect(const Case& c, int* total, Launches* launches) {
  Stream stream = {Target{Kind::kEmu}, nullptr, {1}};
  stream.collected = launches;
  return launch(c.kernel, c.blocks, c.threads, c.shared_bytes, stream, c.value, int(c.blocks.z),
                of_one_tower(Sum{total}));
}

std::string launch_joins_what_is_alike() {
  const Case usual = {"the same"};
  std::vector<Case> cases(7, usual);
  cases[1].what = "blocks along x", cases[1].blocks.x = 3;
  cases[2].what = "blocks along y", cases[2].blocks.y = 1;
  cases[3].what = "threads", cases[3].threads = 8;
  cases[4].what = "shared bytes", cases[4].shared_bytes = 32;
  cases[5].what = "a parameter", cases[5].value = 2;
  cases[6].what = "the kernel", cases[6].kernel = add_other;
  for (const Case& other : cases) {
    int totals[2] = {};
    Launches launches[2];
    int64_t joined = 0;
    const bool ran = collect(usual, &totals[0], &launches[0]).ok() && collect(other, &totals[1], &launches[1]).ok() &&
                     totals[0] == 0 &&
                     start_together(launches[0], launches[1], {Target{Kind::kEmu}, nullptr, {1}}, &joined).ok();
    const bool alike = &other == &cases[0];
    const int threads = int(other.blocks.x * other.blocks.y * other.blocks.z * other.threads);
    if (!ran || joined != int64_t(alike) || totals[0] != 48 || totals[1] != threads * other.value * (alike ? 10 : 1)) {
      return format_text("unlike in %s: %d joined, sums %d and %d", other.what, int(joined), totals[0], totals[1]);
    }
  }
  return "";
}

// Kernels without towers follow each other in the order of their positions; a longer list goes on alone.
std::string launch_keeps_the_order_of_others() {
  int total = 0;
  Launches launches[2];
  const Stream plain = {Target{Kind::kEmu}, nullptr, {1}};
  const auto add = [&](int list, int value) {
    Stream stream = plain;
    stream.collected = &launches[list];
    return launch(add_alone, 1, 1, 0, stream, value, &total).ok();
  };
  int64_t joined = 0;
  const bool ran = add(0, 1) && add(1, 10) && add(1, 100) && total == 0 &&
                   start_together(launches[0], launches[1], plain, &joined).ok();
  return ran && joined == 0 && total == 111 ? "" : format_text("sum %d, %d joined", total, int(joined));
}

// More than a grid may have along z.
std::string launch_joins_no_more_than_a_grid_has() {
  int totals[2] = {};
  Launches launches[2];
  Case large = {"z"};
  large.blocks = {1, 1, 32768};
  const bool collected = collect(large, &totals[0], &launches[0]).ok() && collect(large, &totals[1], &launches[1]).ok();
  return collected && launches[0][0]->with(*launches[1][0]) == nullptr ? "" : "65536 blocks along z";
}

ALEXNET_UNIT_TEST("launch", launch_joins_what_is_alike)
ALEXNET_UNIT_TEST("launch", launch_keeps_the_order_of_others)
ALEXNET_UNIT_TEST("launch", launch_joins_no_more_than_a_grid_has)

}  // namespace
}  // namespace alexnet
