// The linear maps of Winograd's F(2x2, 3x3) and their adjoints, over channels side by side. A, B and G are the paper's
// matrices; the 16 points of a transformed tile lie `step` floats apart.
#pragma once

#include "product.h"
#include "winograd.h"

constexpr int points = 16;  // of a transformed 4x4 tile

// The 2x2 tiles of the output images, one after the other, images outermost.
struct Tiles {
  int down, across, count;
  explicit Tiles(Images out)
      : down((out.height + 1) / 2), across((out.width + 1) / 2), count(out.count * down * across) {}
};

struct Tile {
  int image, top, left;  // of its output
  Tile(const Tiles& tiles, int index) {
    const int within = index % (tiles.down * tiles.across);
    image = index / (tiles.down * tiles.across);
    top = within / tiles.across * 2;
    left = within % tiles.across * 2;
  }
};

// Between two points of all tiles; the odd cache line keeps the 16 streams in different cache sets.
inline std::ptrdiff_t plane(int tiles, int channels) { return std::ptrdiff_t(tiles) * channels + cacheLine; }

inline const float* pixel(const float* x, Images images, int image, int row, int column, const float* outside) {
  if (row < 0 || row >= images.height || column < 0 || column >= images.width) return outside;
  return x + ((std::ptrdiff_t(image) * images.height + row) * images.width + column) * images.channels;
}

// B' d B of the 4x4 input patch of a tile: u[point * step + channel].
inline void transformInput(const float* x, Images in, int pad, Tile tile, const float* zeros, float* u,
                           std::ptrdiff_t step) {
  const float* d[4][4];
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 4; j++) d[i][j] = pixel(x, in, tile.image, tile.top - pad + i, tile.left - pad + j, zeros);
  }
  for (int c = 0; c < in.channels; c += width) {
    Vec t[4][4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      const Vec d0 = at(d[0][j] + c), d1 = at(d[1][j] + c), d2 = at(d[2][j] + c), d3 = at(d[3][j] + c);
      t[0][j] = d0 - d2;
      t[1][j] = d1 + d2;
      t[2][j] = d2 - d1;
      t[3][j] = d1 - d3;
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      float* to = u + i * 4 * step + c;
      at(to) = t[i][0] - t[i][2];
      at(to + step) = t[i][1] + t[i][2];
      at(to + 2 * step) = t[i][2] - t[i][1];
      at(to + 3 * step) = t[i][1] - t[i][3];
    }
  }
}

// A' m A of a tile's transformed output, m[point * step + channel], into `count` channels of y from `first` on.
inline void transformOutput(const float* m, std::ptrdiff_t step, float* y, Images out, Tile tile, int first,
                            int count) {
  for (int c = 0; c < count; c += width) {
    Vec t[2][4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      const float* from = m + j * step + c;
      const Vec m0 = at(from), m1 = at(from + 4 * step), m2 = at(from + 8 * step), m3 = at(from + 12 * step);
      t[0][j] = m0 + m1 + m2;
      t[1][j] = m1 - m2 - m3;
    }
    for (int i = 0; i < 2 && tile.top + i < out.height; i++) {
      float* to = const_cast<float*>(pixel(y, out, tile.image, tile.top + i, tile.left, nullptr)) + first + c;
      at(to) = t[i][0] + t[i][1] + t[i][2];
      if (tile.left + 1 < out.width) at(to + out.channels) = t[i][1] - t[i][2] - t[i][3];
    }
  }
}

// A dy A' of a tile's cotangent, the adjoint of transformOutput: v[point * step + channel].
inline void transformCotangent(const float* dy, Images out, Tile tile, const float* zeros, float* v,
                               std::ptrdiff_t step) {
  const float* d[2][2];
  for (int i = 0; i < 2; i++) {
    for (int j = 0; j < 2; j++) d[i][j] = pixel(dy, out, tile.image, tile.top + i, tile.left + j, zeros);
  }
  for (int c = 0; c < out.channels; c += width) {
    Vec t[4][2];
    for (int j = 0; j < 2; j++) {
      const Vec d0 = at(d[0][j] + c), d1 = at(d[1][j] + c);
      t[0][j] = d0;
      t[1][j] = d0 + d1;
      t[2][j] = d0 - d1;
      t[3][j] = -d1;
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      float* to = v + i * 4 * step + c;
      at(to) = t[i][0];
      at(to + step) = t[i][0] + t[i][1];
      at(to + 2 * step) = t[i][0] - t[i][1];
      at(to + 3 * step) = -t[i][1];
    }
  }
}

// G g G' of kernel entries g[i][j], at p[point * step].
inline void transformEntries(const Vec (&g)[3][3], float* p, std::ptrdiff_t step) {
  Vec t[4][3];
  for (int j = 0; j < 3; j++) {
    const Vec even = 0.5f * (g[0][j] + g[2][j]), odd = 0.5f * g[1][j];
    t[0][j] = g[0][j];
    t[1][j] = even + odd;
    t[2][j] = even - odd;
    t[3][j] = g[2][j];
  }
  for (int i = 0; i < 4; i++) {
    const Vec even = 0.5f * (t[i][0] + t[i][2]), odd = 0.5f * t[i][1];
    float* to = p + i * 4 * step;
    at(to) = t[i][0];
    at(to + step) = even + odd;
    at(to + 2 * step) = even - odd;
    at(to + 3 * step) = t[i][2];
  }
}

// Transforms the kernel's columns that lead to one panel of outputs from `first` on: p[point][in][panel].
inline void transformKernel(const float* kernel, int ins, int outs, bool flipped, int first, float* p) {
  const std::ptrdiff_t step = std::ptrdiff_t(ins) * panel;
  for (int c = 0; c < ins; c++) {
    for (int v = 0; v < panel; v += width) {
      Vec g[3][3];
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          if (flipped) {
            const float* from = kernel + (std::ptrdiff_t((2 - i) * 3 + 2 - j) * outs + first + v) * ins + c;
            for (int o = 0; o < width; o++) g[i][j][o] = from[std::ptrdiff_t(o) * ins];
          } else {
            g[i][j] = at(kernel + (std::ptrdiff_t(i * 3 + j) * ins + c) * outs + first + v);
          }
        }
      }
      transformEntries(g, p + std::ptrdiff_t(c) * panel + v, step);
    }
  }
}

// G' s G of the transformed gradient s[point * step], its 3x3 entries `entry` apart.
inline void transformGradient(const float* s, std::ptrdiff_t step, float* gradient, std::ptrdiff_t entry) {
  Vec t[3][4];
  for (int j = 0; j < 4; j++) {
    const float* from = s + j * step;
    const Vec s0 = at(from), s1 = at(from + 4 * step), s2 = at(from + 8 * step), s3 = at(from + 12 * step);
    const Vec even = 0.5f * (s1 + s2);
    t[0][j] = s0 + even;
    t[1][j] = 0.5f * (s1 - s2);
    t[2][j] = even + s3;
  }
  for (int i = 0; i < 3; i++) {
    const Vec even = 0.5f * (t[i][1] + t[i][2]);
    float* to = gradient + i * 3 * entry;
    at(to) = t[i][0] + even;
    at(to + entry) = 0.5f * (t[i][1] - t[i][2]);
    at(to + 2 * entry) = even + t[i][3];
  }
}
