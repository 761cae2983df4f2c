// Registers full of floats, and room for many.
#pragma once

#include <cstddef>
#include <memory>

#ifdef __AVX512F__
constexpr int width = 16;
#else
constexpr int width = 8;
#endif

// As many floats as a register holds, at any address.
typedef float Vec __attribute__((vector_size(4 * width), aligned(4), may_alias));

inline Vec& at(float* p) { return *reinterpret_cast<Vec*>(p); }
inline Vec at(const float* p) { return *reinterpret_cast<const Vec*>(p); }

constexpr int cacheLine = 16;  // in floats

// Room for floats that begins at a cache line.
class Buffer {
 public:
  explicit Buffer(std::size_t floats) : all(new float[floats + cacheLine]) {
    const std::size_t past = reinterpret_cast<std::size_t>(all.get()) / 4 % cacheLine;
    begin = all.get() + (cacheLine - past);
  }
  float* get() const { return begin; }

 private:
  std::unique_ptr<float[]> all;
  float* begin;
};
