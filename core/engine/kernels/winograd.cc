#include "winograd.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "threads.h"

namespace {

#ifdef __AVX512F__
constexpr int width = 16, rows = 12;
#else
constexpr int width = 8, rows = 6;
#endif

// As many floats as a register holds, at any address.
typedef float Vec __attribute__((vector_size(4 * width), aligned(4), may_alias));

constexpr int points = 16;         // of a transformed 4x4 tile
constexpr int panel = 2 * width;   // output channels of one micro product
static_assert(channelMultiple % panel == 0, "panels divide the channels");

inline Vec& at(float* p) { return *reinterpret_cast<Vec*>(p); }
inline Vec at(const float* p) { return *reinterpret_cast<const Vec*>(p); }

// Room for floats that begins at a cache line.
class Buffer {
 public:
  explicit Buffer(std::size_t floats) : all(new float[floats + 16]) {
    begin = reinterpret_cast<float*>((reinterpret_cast<std::size_t>(all.get()) + 63) & ~std::size_t(63));
  }
  float* get() const { return begin; }

 private:
  std::unique_ptr<float[]> all;
  float* begin;
};

// c[r][0..panel) (+)= sum over k < depth of a[r * aRow + k * aStep] * b[k * bStep + 0..panel), for R rows.
template <int R>
void product(const float* a, std::ptrdiff_t aRow, std::ptrdiff_t aStep, const float* b, std::ptrdiff_t bStep, int depth,
             float* c, std::ptrdiff_t cRow, bool add) {
  Vec sum[R][2];
  for (int r = 0; r < R; r++) {
    for (int v = 0; v < 2; v++) sum[r][v] = add ? at(c + r * cRow + v * width) : Vec{};
  }
  for (int k = 0; k < depth; k++, a += aStep, b += bStep) {
    const Vec left = at(b), right = at(b + width);
#pragma GCC unroll 12
    for (int r = 0; r < R; r++) {
      const float factor = a[r * aRow];
      sum[r][0] += factor * left;
      sum[r][1] += factor * right;
    }
  }
  for (int r = 0; r < R; r++) {
    for (int v = 0; v < 2; v++) at(c + r * cRow + v * width) = sum[r][v];
  }
}

template <int R = rows>
void productOf(int count, const float* a, std::ptrdiff_t aRow, std::ptrdiff_t aStep, const float* b,
               std::ptrdiff_t bStep, int depth, float* c, std::ptrdiff_t cRow, bool add) {
  if (count == R) return product<R>(a, aRow, aStep, b, bStep, depth, c, cRow, add);
  if constexpr (R > 1) productOf<R - 1>(count, a, aRow, aStep, b, bStep, depth, c, cRow, add);
}

// The same for any number of rows.
void productRows(int count, const float* a, std::ptrdiff_t aRow, std::ptrdiff_t aStep, const float* b,
                 std::ptrdiff_t bStep, int depth, float* c, std::ptrdiff_t cRow, bool add) {
  for (int r = 0; r < count; r += rows) {
    productOf(std::min(rows, count - r), a + r * aRow, aRow, aStep, b, bStep, depth, c + r * cRow, cRow, add);
  }
}

// The 2x2 tiles of the output images, one after the other, images outermost.
struct Tiles {
  int down, across, count;
  explicit Tiles(Images out) : down((out.height + 1) / 2), across((out.width + 1) / 2), count(out.count * down * across) {}
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

// From one transformed point of all tiles to the next; the odd cache line keeps the 16 streams in different cache sets.
std::ptrdiff_t plane(int tiles, int channels) { return std::ptrdiff_t(tiles) * channels + 16; }

const float* pixel(const float* x, Images images, int image, int row, int column, const float* outside) {
  if (row < 0 || row >= images.height || column < 0 || column >= images.width) return outside;
  return x + ((std::ptrdiff_t(image) * images.height + row) * images.width + column) * images.channels;
}

// B' d B of the 4x4 input patch of a tile: u[point * step + channel].
void transformInput(const float* x, Images in, int pad, Tile tile, const float* zeros, float* u, std::ptrdiff_t step) {
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
void transformOutput(const float* m, std::ptrdiff_t step, float* y, Images out, Tile tile, int first, int count) {
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
void transformCotangent(const float* dy, Images out, Tile tile, const float* zeros, float* v, std::ptrdiff_t step) {
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
void transformEntries(const Vec (&g)[3][3], float* p, std::ptrdiff_t step) {
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
void transformKernel(const float* kernel, int ins, int outs, bool flipped, int first, float* p) {
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
void transformGradient(const float* s, std::ptrdiff_t step, float* gradient, std::ptrdiff_t entry) {
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

int ceilDivide(int a, int b) { return (a + b - 1) / b; }

// From this many tiles on the kernel isn't the larger part of the work.
constexpr int manyTiles = 160;
// Depth of one micro product over tiles: its operands stay in the first-level cache.
constexpr int depth = 128;

// One buffer a thread, of `floats`.
std::vector<std::unique_ptr<Buffer>> scratch(std::size_t floats) {
  std::vector<std::unique_ptr<Buffer>> all(threads());
  for (auto& one : all) one.reset(new Buffer(floats));
  return all;
}

// Tiles that go through all stages at once: what fits the second-level cache, evenly over the threads.
int blockOf(int tiles, int channels) {
  const int most = std::max(64, 128 * 1024 / (points * channels));
  const int blocks = ceilDivide(ceilDivide(tiles, most), threads()) * threads();
  return ceilDivide(ceilDivide(tiles, blocks), rows) * rows;
}

// Few tiles, so that the kernel is the larger part: all tiles are transformed first, then every panel of outputs by itself.
void convolveFewTiles(const float* x, Images in, const float* kernel, bool flipped, int pad, float* y, Images out) {
  const Tiles tiles(out);
  const std::ptrdiff_t uPlane = plane(tiles.count, in.channels), mPlane = plane(tiles.count, panel);
  const std::vector<float> zeros(in.channels);
  const Buffer u(points * uPlane);
  parallel(ceilDivide(tiles.count, 8), [&](int item, int) {
    for (int t = item * 8; t < std::min(tiles.count, item * 8 + 8); t++) {
      transformInput(x, in, pad, Tile(tiles, t), zeros.data(), u.get() + std::ptrdiff_t(t) * in.channels, uPlane);
    }
  });
  const std::ptrdiff_t pPoint = std::ptrdiff_t(in.channels) * panel;
  const auto buffers = scratch(points * (pPoint + mPlane));
  parallel(out.channels / panel, [&](int item, int thread) {
    float* const p = buffers[thread]->get();
    float* const m = p + points * pPoint;
    transformKernel(kernel, in.channels, out.channels, flipped, item * panel, p);
    for (int f = 0; f < points; f++) {
      productRows(tiles.count, u.get() + f * uPlane, in.channels, 1, p + f * pPoint, panel, in.channels, m + f * mPlane,
                  panel, false);
    }
    for (int t = 0; t < tiles.count; t++) {
      transformOutput(m + std::ptrdiff_t(t) * panel, mPlane, y, out, Tile(tiles, t), item * panel, panel);
    }
  });
}

// Many tiles: the kernel is transformed first, then blocks of tiles go through all three stages within the cache.
void convolveManyTiles(const float* x, Images in, const float* kernel, bool flipped, int pad, float* y, Images out) {
  const Tiles tiles(out);
  const std::vector<float> zeros(in.channels);
  const std::ptrdiff_t pPoint = std::ptrdiff_t(in.channels) * panel, pPanel = points * pPoint;
  const Buffer p(out.channels / panel * pPanel);
  parallel(out.channels / panel, [&](int item, int) {
    transformKernel(kernel, in.channels, out.channels, flipped, item * panel, p.get() + item * pPanel);
  });
  const int block = blockOf(tiles.count, in.channels + out.channels);
  const std::ptrdiff_t uPlane = plane(block, in.channels), mPlane = plane(block, out.channels);
  const auto buffers = scratch(points * (uPlane + mPlane));
  parallel(ceilDivide(tiles.count, block), [&](int item, int thread) {
    float* const u = buffers[thread]->get();
    float* const m = u + points * uPlane;
    const int first = item * block, count = std::min(block, tiles.count - first);
    for (int t = 0; t < count; t++) {
      transformInput(x, in, pad, Tile(tiles, first + t), zeros.data(), u + std::ptrdiff_t(t) * in.channels, uPlane);
    }
    for (int f = 0; f < points; f++) {
      for (int o = 0; o < out.channels; o += panel) {
        productRows(count, u + f * uPlane, in.channels, 1, p.get() + o / panel * pPanel + f * pPoint, panel, in.channels,
                    m + f * mPlane + o, out.channels, false);
      }
    }
    for (int t = 0; t < count; t++) {
      const float* from = m + std::ptrdiff_t(t) * out.channels;
      transformOutput(from, mPlane, y, out, Tile(tiles, first + t), 0, out.channels);
    }
  });
}

}  // namespace

void convolve(const float* x, Images in, const float* kernel, bool flipped, int pad, float* y, Images out) {
  const auto way = Tiles(out).count < manyTiles ? convolveFewTiles : convolveManyTiles;
  way(x, in, kernel, flipped, pad, y, out);
}

void convolveKernelGradient(const float* x, Images in, const float* dy, Images out, int pad, float* gradient) {
  const Tiles tiles(out);
  if (tiles.count == 0) std::fill_n(gradient, std::ptrdiff_t(9) * in.channels * out.channels, 0.0f);
  const std::vector<float> zeros(std::max(in.channels, out.channels));
  // Rows of an odd number of cache lines: those of one column lie in different cache sets.
  const std::ptrdiff_t uRow = in.channels + 16, vRow = out.channels + 16;
  const int slice = std::min(tiles.count, 2 * depth);
  const std::ptrdiff_t uPlane = plane(slice, int(uRow)), vPlane = plane(slice, int(vRow));
  // Input channels are taken in chunks: the sums of all points, and after the last tiles their part of the gradient.
  const int groups = ceilDivide(in.channels, rows), chunk = std::max(1, std::min(4, groups / 10)) * rows;
  const int chunks = ceilDivide(in.channels, chunk);
  const std::ptrdiff_t sPoint = std::ptrdiff_t(chunk) * out.channels + 16;
  const Buffer u(points * uPlane), v(points * vPlane), sums(chunks * points * sPoint);
  for (int first = 0; first < tiles.count; first += slice) {
    const int count = std::min(slice, tiles.count - first);
    parallel(ceilDivide(count, 8), [&](int item, int) {
      for (int t = item * 8; t < std::min(count, item * 8 + 8); t++) {
        const Tile tile(tiles, first + t);
        transformInput(x, in, pad, tile, zeros.data(), u.get() + t * uRow, uPlane);
        transformCotangent(dy, out, tile, zeros.data(), v.get() + t * vRow, vPlane);
      }
    });
    parallel(chunks, [&](int item, int) {
      const int channel = item * chunk, height = std::min(chunk, in.channels - channel);
      float* const s = sums.get() + item * points * sPoint;
      for (int f = 0; f < points; f++) {
        for (int t = 0; t < count; t += depth) {
          for (int o = 0; o < out.channels; o += panel) {
            productRows(height, u.get() + f * uPlane + t * uRow + channel, 1, uRow, v.get() + f * vPlane + t * vRow + o, vRow,
                        std::min(depth, count - t), s + f * sPoint + o, out.channels, first + t > 0);
          }
        }
      }
      if (first + count < tiles.count) return;
      for (int r = 0; r < height; r++) {
        for (int o = 0; o < out.channels; o += width) {
          const std::ptrdiff_t to = std::ptrdiff_t(channel + r) * out.channels + o;
          transformGradient(s + r * out.channels + o, sPoint, gradient + to, std::ptrdiff_t(in.channels) * out.channels);
        }
      }
    });
  }
}
