// Cases of input. The float reference gives the bits that every variant must give: the tolerance is zero.
#include "input/input.h"

#include "common/twin.h"
#include "common/unit.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

using namespace check;

constexpr int kChannel = ALEXNET_MEAN_CHANNEL, kPixel = ALEXNET_MEAN_PIXEL, kCentre = ALEXNET_MEAN_PIXEL_CENTRE;

// Crops that touch every corner and the centre, every second one flipped.
std::vector<double> crops_of(const InputShape& s) {
  const int room = s.source - s.size;
  const int corners[5][2] = {{0, 0}, {room, room}, {0, room}, {room, 0}, {room / 2, room / 2}};
  std::vector<double> crops;
  for (int n = 0; n < s.N; ++n)
    crops.insert(crops.end(), {double(corners[n % 5][0]), double(corners[n % 5][1]), double(n % 2)});
  return crops;
}

StepSettings slot_of(int32_t slot) { return {0, 0.f, 0.f, 0.f, slot}; }

InputShape plain(int32_t N, int32_t source, int32_t size, int32_t mean_mode) {
  return {N, source, size, mean_mode, 0, 0, 2};
}

Case<InputFprop> case_of(const char* name, const char* why, const InputShape& s, bool noise, int32_t slot = 0) {
  std::vector<int64_t> mean = {3};
  if (s.mean_mode != kChannel) mean = {s.source, s.source, 3};
  std::vector<int64_t> x = {s.N, s.size, s.size, 3};
  if (s.block != 0) x = {s.N, s.blocks, s.blocks, s.block * s.block * 3};
  Case<InputFprop> one = {
      name,
      why,
      s,
      {in_settings("settings", slot_of(slot)),
       in_uint8("images", {s.slots, s.N, s.source, s.source, 3}, integers(0, 255)),
       in_values("crops", {s.N, 3}, crops_of(s), Type::kInt32), in("mean", mean, uniform(0, 255)), out("x", x)},
      {},
      {},
      s.size < 100};
  one.tensors[1].moved = 1. / s.slots;
  if (noise) one.tensors.push_back(in("noise", {s.N, kInputNoise}, uniform(-20, 20)));
  return one;
}

Check<InputFprop> fprop() {
  Check<InputFprop> check;
  check.stored = {"x"};
  check.run = [](InputFprop::Launch launch, const InputShape& s, Floats& t, Stream stream) {
    return launch(s, t.settings("settings"), t.uint8("images"), t.int32("crops"), t["mean"], t["noise"], t["x"],
                  stream);
  };
  check.reference = [](const InputShape& s, Doubles& t) {
    const std::vector<float> mean = to_floats(t, "mean"), noise = to_floats(t, "noise");
    std::vector<float> x(size_t(input_x_count(s)));
    input_fprop_reference(s, *t.settings("settings"), t.uint8("images"), t.int32("crops"), mean.data(),
                          t.has("noise") ? noise.data() : nullptr, x.data());
    from_floats(x, t, "x");
  };
  check.layers = [](int32_t N) {
    return std::vector<Case<InputFprop>>{
        case_of("paper", "224 of 256, mean image, colour noise", plain(N, 256, 224, kPixel), true),
        case_of("paper-depth", "the same by blocks of 4, for conv1 as 3x3", {N, 256, 224, kPixel, 4, 57, 2}, true)};
  };
  check.cases = {
      case_of("paper", "224 of 256, mean image aligned with the crop, colour noise", plain(2, 256, 224, kPixel), true),
      case_of("source", "2012 source: central crop of the mean image", plain(2, 256, 224, kCentre), true),
      case_of("channel-mean", "224 of 256, one mean per channel, as in a test pass", plain(1, 256, 224, kChannel),
              false),
      case_of("cifar", "24 of 32, every corner and the centre", plain(5, 32, 24, kPixel), false),
      case_of("whole", "no room to crop", plain(3, 9, 9, kPixel), true),
      case_of("one", "the smallest", plain(1, 1, 1, kChannel), false),
      case_of("odd-border", "an odd difference: the central crop starts at its floor", plain(5, 12, 7, kCentre), true),
      case_of("odd-pixel", "odd sizes, every corner", plain(5, 12, 7, kPixel), true),
      case_of("odd-channel", "odd sizes, every corner", plain(5, 12, 7, kChannel), true),
      case_of("second-slot", "the step reads the other batch", plain(5, 12, 7, kPixel), true, 1),
      case_of("slot-2", "a slot behind the last: NaN everywhere", plain(2, 12, 7, kPixel), true, 2),
      case_of("slot-far", "a slot far behind the images", plain(2, 12, 7, kChannel), false, 1 << 30),
      case_of("slot-before", "a slot before the images", plain(2, 12, 7, kPixel), true, -1),
      case_of("slot-vector", "the same in whole vectors", plain(5, 6, 4, kPixel), true, INT32_MIN),
      case_of("slot-depth", "the same by blocks, past the image too", {3, 12, 8, kPixel, 4, 5, 2}, false, 1 << 30),
      case_of("only-slot", "images have one slot", {5, 12, 7, kPixel, 0, 0, 1}, true),
      case_of("only-slot-vector", "the same in whole vectors", {5, 6, 4, kPixel, 0, 0, 1}, true),
      case_of("no-second-slot", "the second slot of one: NaN everywhere", {5, 12, 7, kPixel, 0, 0, 1}, true, 1),
      case_of("no-second-vector", "the same by blocks in whole vectors", {3, 12, 8, kPixel, 4, 5, 1}, false, 1),
      case_of("vector", "the smallest crop of whole vectors, every corner", plain(5, 6, 4, kPixel), true),
      case_of("vector-centre", "whole vectors, central mean at an odd border", plain(5, 14, 8, kCentre), true),
      case_of("vector-block", "one above a block of 256 threads, second slot", plain(2, 22, 20, kChannel), true, 1),
      case_of("depth-paper", "conv1 as 3x3 over 48 channels: 57 blocks of 4, the last past the image",
              {1, 256, 224, kPixel, 4, 57, 2}, true),
      case_of("depth-whole", "blocks cover the image, nothing is past it", {5, 14, 8, kCentre, 4, 2, 2}, true),
      case_of("depth-past", "three whole blocks past the image on each side", {3, 12, 8, kPixel, 4, 5, 2}, false, 1),
      case_of("depth-cut", "a block that is partly past the image", {5, 12, 7, kPixel, 4, 2, 2}, true),
      case_of("depth-odd", "blocks of 3", {5, 12, 7, kChannel, 3, 3, 2}, true),
      case_of("depth-1", "blocks of one pixel, past the image too", {2, 5, 3, kChannel, 1, 4, 2}, false),
  };
  const InputShape s = plain(4, 3, 2, kChannel);
  check.cases.push_back({"bad-crops",
                         "above and right of the image: NaN there and nowhere else",
                         s,
                         {in_settings("settings", slot_of(0)), in_uint8("images", {2, 4, 3, 3, 3}, integers(0, 255)),
                          in_values("crops", {4, 3}, {0, 1, 0, -1, 0, 0, 0, 2, 0, 1, 1, 1}, Type::kInt32),
                          in("mean", {3}), out("x", {4, 2, 2, 3})},
                         {}});
  return check;
}

// A 2x2 crop of a 3x3 image whose red byte is 10*row + column; red of the mean image is 100*row + 1000*column.
std::string input_golden() {
  std::vector<uint8_t> image(27);
  std::vector<float> mean(27, 0.f);
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 3; ++column) {
      image[size_t(row * 3 + column) * 3] = uint8_t(10 * row + column);
      mean[size_t(row * 3 + column) * 3] = float(row * 100 + column * 1000);
    }
  const int32_t flipped[3] = {1, 1, 1}, straight[3] = {1, 0, 0};
  const float noise[4] = {.5f, 0, 0, 1}, halved[4] = {.5f, 0, 0, .5f};
  const auto red = [&](int mode, const int32_t* crop, const float* colour) {
    std::vector<double> x(12);
    input_fprop_reference<double>(plain(1, 3, 2, mode), slot_of(0), image.data(), crop, mean.data(), colour, x.data());
    return std::vector<double>{x[0], x[3], x[6], x[9]};
  };
  std::string wrong = expect_close("straight, channel mean 0", red(kChannel, straight, nullptr), {10, 11, 20, 21}, 0);
  if (wrong.empty()) wrong = expect_close("flipped, noise", red(kChannel, flipped, noise), {12.5, 11.5, 22.5, 21.5}, 0);
  if (wrong.empty())
    wrong = expect_close("flipped, noise, half", red(kChannel, flipped, halved), {6.25, 5.75, 11.25, 10.75}, 0);
  // The mean is that of the pixel shown: the flip moves both.
  if (wrong.empty())
    wrong = expect_close("flipped, pixel mean", red(kPixel, flipped, nullptr),
                         {12 - 2100, 11 - 1100, 22 - 2200, 21 - 1200}, 0);
  // The central crop starts at (3 - 2) / 2 = 0, is not flipped and does not move with the crop.
  if (wrong.empty())
    wrong =
        expect_close("flipped, centre mean", red(kCentre, flipped, nullptr), {12, 11 - 1000, 22 - 100, 21 - 1100}, 0);
  return wrong;
}

std::string input_marks_bad_crops() {
  const std::vector<uint8_t> images(4 * 9 * 3);
  const float mean[3] = {0, 0, 0};
  const std::vector<int32_t> crops = {0, 1, 0, -1, 0, 0, 0, 2, 0, 1, 1, 1};  // inside, above, right of it, inside
  std::vector<float> x(4 * 4 * 3);
  input_fprop_reference<float>(plain(4, 3, 2, kChannel), slot_of(0), images.data(), crops.data(), mean, nullptr,
                               x.data());
  for (size_t i = 0; i < x.size(); ++i)
    if (std::isnan(x[i]) != (i / 12 == 1 || i / 12 == 2)) return "image " + std::to_string(i / 12);
  return "";
}

std::string input_marks_bad_slots() {
  const std::vector<uint8_t> images(2 * 9 * 3);
  const float mean[3] = {0, 0, 0};
  const int32_t crop[3] = {0, 0, 0};
  for (const int32_t slots : {1, 2}) {
    for (const int32_t slot : {-1, 0, 1, 2, 1 << 30}) {
      std::vector<float> x(4 * 3);
      input_fprop_reference<float>({1, 3, 2, kChannel, 0, 0, slots}, slot_of(slot), images.data(), crop, mean, nullptr,
                                   x.data());
      for (const float value : x)
        if (std::isnan(value) == (slot == 0 || slot == slots - 1))
          return "slot " + std::to_string(slot) + " of " + std::to_string(slots);
    }
  }
  return "";
}

std::string input_refuses() {
  std::string wrong = expect_refusal(validate_input(plain(0, 3, 2, 0)), ALEXNET_BAD_SHAPE, "input: images[0,3,3,3]");
  if (wrong.empty())
    wrong = expect_refusal(validate_input(plain(1, 3, 4, 0)), ALEXNET_BAD_SHAPE,
                           "size is 4; it must be from 1 to source, here 3");
  if (wrong.empty()) wrong = expect_refusal(validate_input(plain(1, 3, 0, 0)), ALEXNET_BAD_SHAPE, "size is 0");
  if (wrong.empty()) wrong = expect_refusal(validate_input(plain(1, 3, 2, 3)), ALEXNET_BAD_ARGUMENT, "mean_mode is 3");
  if (wrong.empty())
    wrong = expect_refusal(validate_input({1, 3, 2, 0, 1, 1, 2}), ALEXNET_BAD_SHAPE,
                           "blocks of side 1 do not cover size 2");
  if (wrong.empty())
    wrong =
        expect_refusal(validate_input({1, 3, 2, 0, 0, 1, 1}), ALEXNET_BAD_SHAPE, "blocks of side 0; a side may be 1");
  if (wrong.empty())
    wrong =
        expect_refusal(validate_input({1, 3, 2, 0, 64, 65536, 2}), ALEXNET_BAD_SHAPE, "input: x[1,65536,65536,12288]");
  for (const int32_t slots : {0, 3, -1}) {
    if (wrong.empty())
      wrong =
          expect_refusal(validate_input({1, 3, 2, 0, 0, 0, slots}), ALEXNET_BAD_SHAPE, "slots of images; there may");
  }
  return wrong;
}

// The 11x11 filters of conv1 over the plain input are 3x3 filters over blocks of 4: the same sums, with zeros where the
// filter ends inside a block.
std::string input_by_blocks_is_conv1() {
  const InputShape straight = plain(1, 20, 20, kChannel), blocked = {1, 20, 20, kChannel, 4, 6, 2};
  const ConvShape wide = {1, 3, 20, 20, 2, 11, 11, 4, 0, 1}, narrow = {1, 48, 6, 6, 2, 3, 3, 1, 0, 1};
  if (conv_P(wide) != 4 || conv_P(narrow) != 4) return "the shapes do not give the same planes";
  std::vector<uint8_t> image(20 * 20 * 3);
  for (size_t i = 0; i < image.size(); ++i) image[i] = uint8_t(i * 37);
  const int32_t crop[3] = {0, 0, 0};
  const float mean[3] = {10, 20, 30};
  std::vector<double> x(image.size()), x_blocks(6 * 6 * 48);
  input_fprop_reference<double>(straight, slot_of(0), image.data(), crop, mean, nullptr, x.data());
  input_fprop_reference<double>(blocked, slot_of(0), image.data(), crop, mean, nullptr, x_blocks.data());
  const std::vector<double> w = random_values(conv_w_count(wide), 1);
  std::vector<double> w_blocks(size_t(conv_w_count(narrow))), y(2 * 16), y_blocks(2 * 16);
  for (int k = 0; k < 2; ++k)
    for (int r = 0; r < 11; ++r)
      for (int q = 0; q < 11 * 3; ++q) {
        const int tap = ((k * 3 + r / 4) * 3 + q / 12) * 48 + r % 4 * 12 + q % 12;
        w_blocks[size_t(tap)] = w[size_t((k * 11 + r) * 33 + q)];
      }
  conv_fprop_reference<double>(wide, x.data(), w.data(), nullptr, y.data(), false, false);
  conv_fprop_reference<double>(narrow, x_blocks.data(), w_blocks.data(), nullptr, y_blocks.data(), false, false);
  return expect_close("y", y_blocks, y, 1e-9);
}

ALEXNET_CHECK(fprop())
ALEXNET_UNIT_TEST("input", input_golden)
ALEXNET_UNIT_TEST("input", input_marks_bad_crops)
ALEXNET_UNIT_TEST("input", input_marks_bad_slots)
ALEXNET_UNIT_TEST("input", input_refuses)
ALEXNET_UNIT_TEST("input", input_by_blocks_is_conv1)

}  // namespace
}  // namespace alexnet
