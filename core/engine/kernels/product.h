// Matrix products whose result stays in registers.
#pragma once

#include <algorithm>

#include "vectors.h"

// A matrix in memory: from one row to the next, and from one column to the next.
struct Left {
  const float* p;
  std::ptrdiff_t row, column;
};

// A matrix, or a strip of one, whose columns lie side by side.
struct Right {
  const float* p;
  std::ptrdiff_t row;
};
struct Result {
  float* p;
  std::ptrdiff_t row;
  bool add;  // to what is there
};

// Columns of one result, and the most rows: as many as the registers hold.
constexpr int panel = 2 * width;
constexpr int rows = width == 16 ? 12 : 6;

// The first `panel` columns of R rows of a b, with `depth` columns of a.
template <int R>
void product(Left a, Right b, int depth, Result c) {
  Vec sum[R][2];
  for (int r = 0; r < R; r++) {
    for (int v = 0; v < 2; v++) sum[r][v] = c.add ? at(c.p + r * c.row + v * width) : Vec{};
  }
  for (int k = 0; k < depth; k++, a.p += a.column, b.p += b.row) {
    const Vec left = at(b.p), right = at(b.p + width);
#pragma GCC unroll 12
    for (int r = 0; r < R; r++) {
      const float factor = a.p[r * a.row];
      sum[r][0] += factor * left;
      sum[r][1] += factor * right;
    }
  }
  for (int r = 0; r < R; r++) {
    for (int v = 0; v < 2; v++) at(c.p + r * c.row + v * width) = sum[r][v];
  }
}

// Of `count` rows, at most R.
template <int R = rows>
void productOfFew(int count, Left a, Right b, int depth, Result c) {
  if (count == R) return product<R>(a, b, depth, c);
  if constexpr (R > 1) productOfFew<R - 1>(count, a, b, depth, c);
}

// Of any number of rows.
inline void product(int count, Left a, Right b, int depth, Result c) {
  for (int r = 0; r < count; r += rows) {
    const Left from{a.p + r * a.row, a.row, a.column};
    productOfFew(std::min(rows, count - r), from, b, depth, {c.p + r * c.row, c.row, c.add});
  }
}
