// conv winograd: the minimal filtering of a tile of outputs (Winograd 1980; Lavin & Gray 2016), and its matrices.
//
// In one dimension m outputs of a filter of r values need t = m + r - 1 products instead of m * r:
//   y = A^T [(G g) * (B^T d)]   with d[t] the inputs, g[r] the filter, * value by value. In two: both rows and columns,
//   Y = A^T [(G g G^T) * (B^T d B)] A, and a sum over channels stands inside of the brackets: t * t matrix products.
//
// Where the matrices are from. s(x) = g(x) h(x), of degree t - 1, is known by its values at t - 1 points a_i and its
// highest coefficient ("at infinity"). Values of g and h: the matrices G, A with rows 1, a_i, a_i^2, ... and, at
// infinity, 0, ..., 0, 1. Coefficients of s from them: sum of s(a_i) L_i(x) + s(infinity) M(x) with M = the product of
// all x - a_j, L_i = that of all but one / N_i, N_i = that of a_i - a_j. Transposed, the map from h to s for a given g
// is a correlation with g: B^T has the coefficients of L_i N_i and M as rows, and G takes the 1 / N_i. So with 0, 1,
// -1, 2, -2:
//
//   B^T of 6 points   4  0 -5  0  1  0     G for r = 3   1/4     0    0     A^T for m = 4   1  1  1  1  1  0
//                     0 -4 -4  1  1  0                  -1/6  -1/6 -1/6                     0  1 -1  2 -2  0
//                     0  4 -4 -1  1  0                  -1/6   1/6 -1/6                     0  1  1  4  4  0
//                     0 -2 -1  2  1  0                  1/24  1/12  1/6                     0  1 -1  8 -8  1
//                     0  2 -1 -2  1  0                  1/24 -1/12  1/6
//                     0  4  0 -5  0  1                     0     0    1
//
// as Lavin & Gray have them for F(4,3), and with 0, 1, -1 those of F(2,3), but for the signs of the first and last row
// of B^T, which G and A^T take back. The same six points give F(2,5) (G for r = 5, A^T for m = 2) and F(3,4), the same
// four F(3,2): a gradient of 3 x 3 weights, where tiles of dy are the filters.
//
// Edges. 13 outputs are 3 tiles of 4 and one of 1, which needs 3 products and not 6. It takes the first t' - 1 of the
// points and infinity, so that the filters' products with G serve it as well: what differs of N_i is multiplied into
// B^T. Per 13 x 13 map, of 1521 products F(4x4,3x3) has (3*6 + 3)^2 = 441, with whole tiles 576; F(2x2,3x3) 729, not
// 784. Per 27 x 27 map, 5 x 5, of 18225 F(2x2,5x5) has (13*6 + 5)^2 = 6889.
//
// Rounding. A product's value at the points is larger than the result: by which factor errors grow, conv_check.cpp
// says.
#ifndef ALEXNET_CONV_WINOGRAD_H
#define ALEXNET_CONV_WINOGRAD_H

namespace alexnet {
namespace winograd {

constexpr int kMostPoints = 6;

// The i-th of `points` points, of which the last is infinity.
constexpr int point(int i) {
  constexpr int kFinite[kMostPoints - 1] = {0, 1, -1, 2, -2};
  return kFinite[i];
}

// Where the i-th of a smaller tile's `fewer` points is among `points`.
constexpr int place(int points, int fewer, int i) { return i == fewer - 1 ? points - 1 : i; }

// The coefficient of x^k in the product of x - a_j over the first `count` points but the i-th (i = count: over all).
constexpr int coefficient(int count, int i, int k) {
  int c[kMostPoints + 1] = {1};  // of the product so far
  for (int j = 0; j < count; ++j) {
    if (j == i) continue;
    for (int power = kMostPoints; power >= 0; --power) c[power] = (power > 0 ? c[power - 1] : 0) - point(j) * c[power];
  }
  return c[k];
}

// N_i, of `points` points.
constexpr int divisor(int points, int i) {
  int product = 1;
  for (int j = 0; j < points - 1; ++j) {
    if (i < points - 1 && j != i) product *= point(i) - point(j);
  }
  return product;
}

// B^T[i][k] of a tile of `fewer` points whose filters were multiplied with the G of `points`.
constexpr int input_coefficient(int points, int fewer, int i, int k) {
  int factor = 1;
  for (int j = fewer - 1; j < points - 1; ++j) {
    if (i < fewer - 1) factor *= point(i) - point(j);
  }
  return factor * coefficient(fewer - 1, i, k);
}

// Row i of a matrix of values at `points` points, of which there are `length`.
constexpr int value_coefficient(int points, int i, int k, int length) {
  if (i == points - 1) return k == length - 1 ? 1 : 0;
  int power = 1;
  for (int j = 0; j < k; ++j) power *= point(i);
  return power;
}

// B^T: from the inputs of a tile to its values.
template <int kPoints, int kFewer>
struct InputMatrix {
  static constexpr int rows = kFewer, columns = kFewer;
  static constexpr float at(int i, int k) { return float(input_coefficient(kPoints, kFewer, i, k)); }
};

// G: from a filter, or a tile of dy, of kLength values.
template <int kPoints, int kFewer, int kLength>
struct FilterMatrix {
  static constexpr int rows = kFewer, columns = kLength;
  static constexpr float at(int i, int k) {
    const int p = place(kPoints, kFewer, i);
    return float(value_coefficient(kPoints, p, k, kLength)) / float(divisor(kPoints, p));
  }
};

// A^T: from products to kOutputs outputs.
template <int kPoints, int kFewer, int kOutputs>
struct OutputMatrix {
  static constexpr int rows = kOutputs, columns = kFewer;
  static constexpr float at(int o, int i) {
    return float(value_coefficient(kPoints, place(kPoints, kFewer, i), o, kOutputs));
  }
};

}  // namespace winograd
}  // namespace alexnet

#endif  // ALEXNET_CONV_WINOGRAD_H
