// Unit tests of Winograd's matrices: they are the published ones, exact, and as bounded as conv_check.cpp says; and of
// what a case cannot see: wgrad in several blocks, and the bits of both widths of vectors and any number of threads.
#include "conv/conv_winograd.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "common/unit.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

using namespace check;
using Matrix = std::vector<std::vector<double>>;

template <class At>
Matrix matrix(int rows, int columns, const At& at) {
  Matrix m;
  for (int i = 0; i < rows; ++i) {
    m.emplace_back();
    for (int k = 0; k < columns; ++k) m.back().push_back(at(i, k));
  }
  return m;
}

// Of a tile of `fewer` of the points.
Matrix inputs_of(int points, int fewer) {
  return matrix(fewer, fewer, [&](int i, int k) { return winograd::input_coefficient(points, fewer, i, k); });
}
Matrix values_of(int points, int fewer, int length) {
  return matrix(fewer, length, [&](int i, int k) {
    return winograd::value_coefficient(points, winograd::place(points, fewer, i), k, length);
  });
}
int divisor_of(int points, int fewer, int i) { return winograd::divisor(points, winograd::place(points, fewer, i)); }

// Lavin & Gray, arXiv:1509.09308v2, (4.2) and (4.3): B^T, G and A^T of F(2,3) and F(4,3). A row of B^T and that of G
// may have both signs changed, as may one of B^T and a column of A^T.
std::string winograd_matrices_are_the_published() {
  struct Published {
    int points, outputs;
    Matrix B, G, A;
  };
  const std::vector<Published> all = {
      {4,
       2,
       {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
       {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}},
       {{1, 1, 1, 0}, {0, 1, -1, -1}}},
      {6,
       4,
       {{4, 0, -5, 0, 1, 0},
        {0, -4, -4, 1, 1, 0},
        {0, 4, -4, -1, 1, 0},
        {0, -2, -1, 2, 1, 0},
        {0, 2, -1, -2, 1, 0},
        {0, 4, 0, -5, 0, 1}},
       {{1. / 4, 0, 0},
        {-1. / 6, -1. / 6, -1. / 6},
        {-1. / 6, 1. / 6, -1. / 6},
        {1. / 24, 1. / 12, 1. / 6},
        {1. / 24, -1. / 12, 1. / 6},
        {0, 0, 1}},
       {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}},
  };
  for (const Published& p : all) {
    const Matrix B = inputs_of(p.points, p.points), G = values_of(p.points, p.points, 3),
                 A = values_of(p.points, p.points, p.outputs);
    for (int i = 0; i < p.points; ++i) {
      // The product of the three for each output, input and tap is what a sign leaves.
      for (int o = 0; o < p.outputs; ++o) {
        for (int k = 0; k < p.points; ++k) {
          for (int r = 0; r < 3; ++r) {
            const double ours = A[i][o] * B[i][k] * G[i][r] / winograd::divisor(p.points, i);
            const double theirs = p.A[o][i] * p.B[i][k] * p.G[i][r];
            if (std::abs(ours - theirs) < 1e-12) continue;
            return format_text("F(%d,3), point %d, output %d, input %d, tap %d: %.9g, published %.9g", p.outputs, i, o,
                               k, r, ours, theirs);
          }
        }
      }
    }
  }
  return "";
}

// In whole numbers, for all tiles of up to 4 x 4 outputs and 5 x 5 taps, edges too:
// A^T [(G g G^T) * (B^T d B)] A = the correlation of d with g. The divisors of G are multiplied out.
std::string winograd_is_exact() {
  for (const int points : {4, 6}) {
    int64_t common = 1;  // every N_i divides it
    for (int i = 0; i < points; ++i) common = std::max<int64_t>(common, std::abs(winograd::divisor(points, i)));
    for (int rows = 1; rows <= points; ++rows) {
      for (int columns = 1; columns <= points; ++columns) {
        for (int taps = 1; taps <= std::min(rows, columns); ++taps) {
          const Matrix d = matrix(rows, columns, [](int i, int k) { return (i * 7 + k * 5 + i * k * 3) % 11 - 5; });
          const Matrix g = matrix(taps, taps, [](int i, int k) { return (i * 5 + k * 9 + i * k) % 7 - 3; });
          const Matrix B_rows = inputs_of(points, rows), B_columns = inputs_of(points, columns);
          const Matrix G_rows = values_of(points, rows, taps), G_columns = values_of(points, columns, taps);
          const Matrix A_rows = values_of(points, rows, rows - taps + 1),
                       A_columns = values_of(points, columns, columns - taps + 1);
          for (int p = 0; p <= rows - taps; ++p) {
            for (int q = 0; q <= columns - taps; ++q) {
              int64_t y = 0, want = 0;
              for (int i = 0; i < rows; ++i) {
                for (int j = 0; j < columns; ++j) {
                  int64_t data = 0, filter = 0;
                  for (int h = 0; h < rows; ++h)
                    for (int w = 0; w < columns; ++w) data += int64_t(B_rows[i][h] * d[h][w] * B_columns[j][w]);
                  for (int r = 0; r < taps; ++r)
                    for (int s = 0; s < taps; ++s) filter += int64_t(G_rows[i][r] * g[r][s] * G_columns[j][s]);
                  const int64_t scale =
                      common / divisor_of(points, rows, i) * (common / divisor_of(points, columns, j));
                  y += int64_t(A_rows[i][p] * A_columns[j][q]) * scale * data * filter;
                }
              }
              for (int r = 0; r < taps; ++r)
                for (int s = 0; s < taps; ++s) want += int64_t(d[p + r][q + s] * g[r][s]);
              if (y == want * common * common) continue;
              return format_text("%d points, tile of %d x %d with %d taps: output (%d,%d) is %lld / %lld, not %lld",
                                 points, rows, columns, taps, p, q, static_cast<long long>(y),
                                 static_cast<long long>(common * common), static_cast<long long>(want));
            }
          }
        }
      }
    }
  }
  return "";
}

// What conv_check.cpp's bounds say of how errors grow: the sum over points of (a |b| |g|)^2, of the worst output.
std::string winograd_growth_is_bounded() {
  struct Row {
    int points, outputs, taps;
    double growth;
    bool taps_at_edges;  // edges have fewer taps (tiles of dy), not fewer outputs
  };
  for (const Row& row : {Row{4, 2, 3, 7, false}, Row{6, 4, 3, 94.4, false}, Row{6, 2, 5, 98.9, false},
                         Row{4, 3, 2, 4, true}, Row{6, 3, 4, 96.8, true}, Row{6, 5, 2, 90.3, true}}) {
    double worst = 0;
    for (int less = 0; less < (row.taps_at_edges ? row.taps : row.outputs); ++less) {
      const int outputs = row.taps_at_edges ? row.outputs : row.outputs - less;
      const int taps = row.taps_at_edges ? row.taps - less : row.taps, fewer = outputs + taps - 1;
      const Matrix A = values_of(row.points, fewer, outputs), B = inputs_of(row.points, fewer),
                   G = values_of(row.points, fewer, taps);
      for (int o = 0; o < outputs; ++o) {
        double growth = 0;
        for (int i = 0; i < fewer; ++i) {
          double b = 0, g = 0;
          for (const double value : B[i]) b += value * value;
          for (const double value : G[i]) g += value * value;
          growth += A[i][o] * A[i][o] * b * g / std::pow(divisor_of(row.points, fewer, i), 2);
        }
        worst = std::max(worst, growth);
      }
    }
    if (worst > row.growth || worst < row.growth - 0.2) {
      return format_text("F(%d,%d): errors grow by %.2f, the checks allow %.2f", row.outputs, row.taps, worst,
                         row.growth);
    }
  }
  return "";
}

std::vector<float> random_floats(int64_t count, unsigned seed) {
  std::vector<float> values;
  for (const double v : random_values(count, seed)) values.push_back(float(v));
  return values;
}

// |a - b| / |b|
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, length = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double(a[i]) - double(b[i]), 2);
    length += std::pow(double(b[i]), 2);
  }
  return std::sqrt(difference / length);
}

// The results of every variant of cpu that takes the shape by this algorithm, with 1, 2 and 3 threads: "" if all are
// the same bits, and those of direct but for rounding. run(variant, stream, out).
template <class Pass, class Run>
std::string same_bits(const ConvShape& s, Algorithm algorithm, int64_t count, const Run& run) {
  constexpr double kRounding = 2e-5;
  std::string why;
  const Target plain = {Kind::kCpu};
  const Variant<Pass>* const direct = choose<Pass>(plain, s, Forced{}, &why);
  std::vector<float> first, want(size_t(count), 0.f);
  if (direct == nullptr || !run(*direct, Stream{plain}, want.data()).ok()) return "direct did not run";
  for (const Variant<Pass>& variant : variants<Pass>()) {
    const Target target = {Kind::kCpu, 0, Precision::kFp32, algorithm};
    if (variant.algorithm != algorithm || variant.preference(s, target) == 0) continue;
    for (const int32_t threads : {1, 2, 3}) {
      const Stream stream = {target, nullptr, {threads}};
      std::vector<float> out(size_t(count), NAN);
      if (!run(variant, stream, out.data()).ok()) return format_text("%s did not run", variant.name);
      if (first.empty()) first = out;
      const double error = distance(out, want);
      if (!(error < kRounding)) return format_text("%s %s is off by %.2g of direct", Pass::pass, variant.name, error);
      if (std::memcmp(first.data(), out.data(), out.size() * sizeof(float)) == 0) continue;
      return format_text("%s %s of %d images has other bits with %d threads", Pass::pass, variant.name, s.N, threads);
    }
  }
  return first.empty() ? format_text("%s: nothing takes %d x %d", Pass::pass, s.H, s.W) : "";
}

// One block and several, in wgrad too; channels that neither width divides; edges of either direction, groups.
std::string winograd_bits_of_widths_and_threads() {
  for (const ConvShape& s : {ConvShape{1, 20, 13, 13, 50, 3, 3, 1, 1, 1}, ConvShape{33, 34, 9, 6, 36, 3, 3, 1, 1, 2},
                             ConvShape{2, 49, 13, 14, 17, 3, 3, 1, 0, 1}, ConvShape{18, 64, 13, 13, 64, 3, 3, 1, 1, 1},
                             ConvShape{3, 24, 11, 9, 56, 5, 5, 1, 2, 1}}) {
    const auto x = random_floats(conv_x_count(s), 1), dy = random_floats(conv_y_count(s), 2),
               w = random_floats(conv_w_count(s), 3);
    for (const Algorithm algorithm : {Algorithm::kWinograd2, Algorithm::kWinograd4}) {
      std::string wrong = same_bits<ConvFprop>(s, algorithm, conv_y_count(s),
                                               [&](const Variant<ConvFprop>& v, const Stream& stream, float* y) {
                                                 return v.launch(s, x.data(), w.data(), y, Epilogue{}, stream);
                                               });
      if (!wrong.empty()) return wrong;
      wrong = same_bits<ConvDgrad>(s, algorithm, conv_x_count(s),
                                   [&](const Variant<ConvDgrad>& v, const Stream& stream, float* dx) {
                                     return v.launch(s, dy.data(), w.data(), x.data(), dx, stream);
                                   });
      if (!wrong.empty()) return wrong;
      wrong = same_bits<ConvWgrad>(s, algorithm, conv_w_count(s),
                                   [&](const Variant<ConvWgrad>& v, const Stream& stream, float* dw) {
                                     return v.launch(s, x.data(), dy.data(), dw, nullptr, stream);
                                   });
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

// Which layers an algorithm takes is a promise (docs/runs.md): the same in all passes, by both widths of vectors.
template <class Pass>
std::string takes(const ConvShape& s, bool want) {
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.algorithm == Algorithm::kDirect) continue;
    Target target = {variant.kind};
    target.algorithm = variant.algorithm;
    if ((variant.preference(s, target) > 0) == want) continue;
    return format_text("%s %s: %s C %d, K %d, %d x %d, stride %d", Pass::pass, variant.name,
                       want ? "does not take" : "takes", s.C, s.K, s.R, s.S, s.stride);
  }
  return "";
}

std::string winograd_takes_what_it_says() {
  const std::vector<std::pair<ConvShape, bool>> all = {
      {{1, 16, 5, 5, 16, 3, 3, 1, 1, 1}, true},  {{1, 15, 5, 5, 16, 3, 3, 1, 1, 1}, false},
      {{1, 16, 5, 5, 15, 3, 3, 1, 1, 1}, false}, {{1, 32, 5, 5, 32, 3, 3, 1, 1, 2}, true},
      {{1, 30, 5, 5, 32, 3, 3, 1, 1, 2}, false}, {{1, 16, 5, 5, 16, 5, 5, 1, 2, 1}, true},
      {{1, 16, 5, 5, 16, 3, 5, 1, 1, 1}, false}, {{1, 16, 5, 5, 16, 4, 4, 1, 1, 1}, false},
      {{1, 16, 5, 5, 16, 3, 3, 2, 1, 1}, false}, {{1, 16, 1, 2, 16, 3, 3, 1, 1, 1}, true},
      {{1, 16, 1, 1, 16, 3, 3, 1, 1, 1}, false},   // one pixel on either side
      {{1, 16, 1, 1, 16, 3, 3, 1, 2, 1}, false},   // of x
      {{1, 16, 3, 3, 16, 3, 3, 1, 0, 1}, false}};  // of y
  for (const auto& [s, want] : all) {
    for (const std::string& wrong : {takes<ConvFprop>(s, want), takes<ConvDgrad>(s, want), takes<ConvWgrad>(s, want)}) {
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

ALEXNET_UNIT_TEST("conv", winograd_matrices_are_the_published)
ALEXNET_UNIT_TEST("conv", winograd_is_exact)
ALEXNET_UNIT_TEST("conv", winograd_growth_is_bounded)
ALEXNET_UNIT_TEST("conv", winograd_bits_of_widths_and_threads)
ALEXNET_UNIT_TEST("conv", winograd_takes_what_it_says)

}  // namespace
}  // namespace alexnet
