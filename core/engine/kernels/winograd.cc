#include "winograd.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "threads.h"
#include "transforms.h"

// By the paper's letters: u are transformed inputs, m their products with the transformed kernel, which lies in panels
// p of outputs. v are transformed cotangents, s the sums of their products with u.

namespace {

static_assert(channelMultiple % panel == 0, "panels divide the channels");

int ceilDivide(int a, int b) { return (a + b - 1) / b; }

// From this many tiles on the kernel isn't the larger part of the work.
constexpr int manyTiles = 160;
// Depth of one micro product over tiles: its operands stay in the first-level cache.
constexpr int depth = 128;

// Calls work(tile) for every tile, several at a time on each thread.
template <class Work>
void eachTile(int count, const Work& work) {
  constexpr int together = 8;
  parallel(ceilDivide(count, together), [&](int item, int) {
    for (int t = item * together; t < std::min(count, (item + 1) * together); t++) work(t);
  });
}

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

// Few tiles, so that the kernel is the larger part: first all tiles are transformed, then each panel is and finished.
void convolveFewTiles(const float* x, Images in, const float* kernel, bool flipped, int pad, float* y, Images out) {
  const Tiles tiles(out);
  const std::ptrdiff_t uPlane = plane(tiles.count, in.channels), mPlane = plane(tiles.count, panel);
  const std::vector<float> zeros(in.channels);
  const Buffer u(points * uPlane);
  eachTile(tiles.count, [&](int t) {
    transformInput(x, in, pad, Tile(tiles, t), zeros.data(), u.get() + std::ptrdiff_t(t) * in.channels, uPlane);
  });
  const std::ptrdiff_t pPoint = std::ptrdiff_t(in.channels) * panel;
  const auto buffers = scratch(points * (pPoint + mPlane));
  parallel(out.channels / panel, [&](int item, int thread) {
    float* const p = buffers[thread]->get();
    float* const m = p + points * pPoint;
    transformKernel(kernel, in.channels, out.channels, flipped, item * panel, p);
    for (int f = 0; f < points; f++) {
      const Left inputs{u.get() + f * uPlane, in.channels, 1};
      product(tiles.count, inputs, {p + f * pPoint, panel}, in.channels, {m + f * mPlane, panel, false});
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
        const Right weights{p.get() + o / panel * pPanel + f * pPoint, panel};
        const Result products{m + f * mPlane + o, out.channels, false};
        product(count, {u + f * uPlane, in.channels, 1}, weights, in.channels, products);
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
  const std::ptrdiff_t uRow = in.channels + cacheLine, vRow = out.channels + cacheLine;
  const int slice = std::min(tiles.count, 2 * depth);
  const std::ptrdiff_t uPlane = plane(slice, int(uRow)), vPlane = plane(slice, int(vRow));
  // Input channels are taken in chunks: the sums of all points, and after the last tiles their part of the gradient.
  const int groups = ceilDivide(in.channels, rows), chunk = std::max(1, std::min(4, groups / 10)) * rows;
  const int chunks = ceilDivide(in.channels, chunk);
  const std::ptrdiff_t sPoint = std::ptrdiff_t(chunk) * out.channels + cacheLine;
  const bool once = slice == tiles.count;  // then sums needn't outlive their chunk
  const Buffer u(points * uPlane), v(points * vPlane), sums((once ? threads() : chunks) * points * sPoint);
  for (int first = 0; first < tiles.count; first += slice) {
    const int count = std::min(slice, tiles.count - first);
    eachTile(count, [&](int t) {
      const Tile tile(tiles, first + t);
      transformInput(x, in, pad, tile, zeros.data(), u.get() + t * uRow, uPlane);
      transformCotangent(dy, out, tile, zeros.data(), v.get() + t * vRow, vPlane);
    });
    parallel(chunks, [&](int item, int thread) {
      const int channel = item * chunk, height = std::min(chunk, in.channels - channel);
      float* const s = sums.get() + (once ? thread : item) * points * sPoint;
      for (int f = 0; f < points; f++) {
        for (int t = 0; t < count; t += depth) {
          for (int o = 0; o < out.channels; o += panel) {
            const Left inputs{u.get() + f * uPlane + t * uRow + channel, 1, uRow};
            const Right cotangents{v.get() + f * vPlane + t * vRow + o, vRow};
            const Result sum{s + f * sPoint + o, out.channels, first + t > 0};
            product(height, inputs, cotangents, std::min(depth, count - t), sum);
          }
        }
      }
      if (first + count < tiles.count) return;
      const std::ptrdiff_t entry = std::ptrdiff_t(in.channels) * out.channels;
      for (std::ptrdiff_t at = 0; at < std::ptrdiff_t(height) * out.channels; at += width) {
        transformGradient(s + at, sPoint, gradient + std::ptrdiff_t(channel) * out.channels + at, entry);
      }
    });
  }
}
