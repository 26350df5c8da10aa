// conv winograd transforms: the matrices of conv_winograd.h times vectors of channels.
#ifndef ALEXNET_CONV_WINOGRAD_TRANSFORM_CPU_H
#define ALEXNET_CONV_WINOGRAD_TRANSFORM_CPU_H

#include "common/lanes_cpu.h"
#include "conv_winograd.h"

namespace alexnet {
namespace winograd {
inline namespace ALEXNET_LANES {

// Rows i and i + 1 belong to a point and its negative: the same even columns, the odd ones of the other sign.
template <class Matrix>
constexpr bool rows_mirror(int i) {
  if (i < 0 || i + 1 >= Matrix::rows || Matrix::columns < 2) return false;
  for (int k = 0; k < Matrix::columns; ++k) {
    if (Matrix::at(i + 1, k) != (k % 2 == 0 ? 1 : -1) * Matrix::at(i, k)) return false;
  }
  return Matrix::at(i, 1) != 0;
}

// The same of columns.
template <class Matrix>
constexpr bool columns_mirror(int i) {
  if (i < 0 || i + 1 >= Matrix::columns || Matrix::rows < 2) return false;
  for (int o = 0; o < Matrix::rows; ++o) {
    if (Matrix::at(o, i + 1) != (o % 2 == 0 ? 1 : -1) * Matrix::at(o, i)) return false;
  }
  return Matrix::at(1, i) != 0;
}

// sum + the terms k, k + kStep, ... of row i, in this order; without `kStarted` there is no sum yet.
template <class Matrix, int i, int k, int kStep, bool kStarted = false>
ALEXNET_INLINE Vector row_terms(const Vector* in, Vector sum = vector_zero()) {
  if constexpr (k >= Matrix::columns) {
    return sum;
  } else {
    constexpr float factor = Matrix::at(i, k);
    if constexpr (factor == 0) {
      return row_terms<Matrix, i, k + kStep, kStep, kStarted>(in, sum);
    } else {
      if constexpr (!kStarted) {
        sum = factor == 1 ? in[k] : vector_multiply(vector_of(factor), in[k]);
      } else if constexpr (factor == 1 || factor == -1) {
        sum = factor == 1 ? vector_add(sum, in[k]) : vector_subtract(sum, in[k]);
      } else {
        sum = vector_fma(vector_of(factor), in[k], sum);
      }
      return row_terms<Matrix, i, k + kStep, kStep, true>(in, sum);
    }
  }
}

// out = Matrix * in, rows from i on. Two that mirror share the sums of even and of odd columns.
template <class Matrix, int i = 0>
ALEXNET_INLINE void multiply_rows(const Vector* in, Vector* out) {
  if constexpr (i < Matrix::rows) {
    if constexpr (rows_mirror<Matrix>(i)) {
      const Vector even = row_terms<Matrix, i, 0, 2>(in), odd = row_terms<Matrix, i, 1, 2>(in);
      out[i] = vector_add(even, odd);
      out[i + 1] = vector_subtract(even, odd);
      multiply_rows<Matrix, i + 2>(in, out);
    } else {
      out[i] = row_terms<Matrix, i, 0, 1>(in);
      multiply_rows<Matrix, i + 1>(in, out);
    }
  }
}

// A matrix without the second of two columns that mirror.
template <class Matrix>
struct Folded {
  static constexpr int rows = Matrix::rows, columns = Matrix::columns;
  static constexpr float at(int o, int i) { return columns_mirror<Matrix>(i - 1) ? 0 : Matrix::at(o, i); }
};

template <class Matrix, int o = 0>
ALEXNET_INLINE void folded_rows(const Vector* even, const Vector* odd, Vector* out) {
  if constexpr (o < Matrix::rows) {
    out[o] = row_terms<Folded<Matrix>, o, 0, 1>(o % 2 == 0 ? even : odd);
    folded_rows<Matrix, o + 1>(even, odd, out);
  }
}

// out = Matrix * in, where columns may mirror: even rows see the sum of the two, odd ones the difference.
template <class Matrix>
ALEXNET_INLINE void multiply_columns(const Vector* in, Vector* out) {
  Vector even[Matrix::columns], odd[Matrix::columns];
#pragma GCC unroll 8
  for (int i = 0; i < Matrix::columns; ++i) {
    const bool folds = columns_mirror<Matrix>(i);
    even[i] = folds ? vector_add(in[i], in[i + 1]) : in[i];
    odd[i] = folds ? vector_subtract(in[i], in[i + 1]) : in[i];
  }
  folded_rows<Matrix>(even, odd, out);
}

template <class Matrix>
ALEXNET_INLINE void multiply(const Vector (&in)[Matrix::columns], Vector (&out)[Matrix::rows]) {
  if constexpr (Matrix::rows < Matrix::columns) {
    multiply_columns<Matrix>(in, out);
  } else {
    multiply_rows<Matrix>(in, out);
  }
}

// Rows * (what load(i, j) gives) * transposed(Columns): store(i, out) gets row i of it.
template <class Rows, class Columns, class Load, class Store>
ALEXNET_INLINE void transform(const Load& load, const Store& store) {
  Vector half[Rows::rows][Columns::columns];
  for (int j = 0; j < Columns::columns; ++j) {
    Vector in[Rows::columns], out[Rows::rows];
#pragma GCC unroll 8
    for (int i = 0; i < Rows::columns; ++i) in[i] = load(i, j);
    multiply<Rows>(in, out);
#pragma GCC unroll 8
    for (int i = 0; i < Rows::rows; ++i) half[i][j] = out[i];
  }
  for (int i = 0; i < Rows::rows; ++i) {
    Vector out[Columns::rows];
    multiply<Columns>(half[i], out);
    store(i, out);
  }
}

}  // namespace ALEXNET_LANES
}  // namespace winograd
}  // namespace alexnet

#endif  // ALEXNET_CONV_WINOGRAD_TRANSFORM_CPU_H
