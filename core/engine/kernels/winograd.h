// 3x3 convolutions without strides, by Winograd's minimal filtering F(2x2, 3x3): Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", CVPR 2016, section 4. Four outputs take 16 products in place of 36.
#pragma once

// Images are float32 NHWC, kernels HWIO; channels come in multiples of `channelMultiple`.
constexpr int channelMultiple = 32;

struct Images {
  int count, height, width, channels;
};

// y = x * kernel over images padded by `pad` zeros on every side. `flipped` takes the kernel's adjoint in the input in
// its place: turned by 180 degrees, its in and out exchanged.
void convolve(const float* x, Images in, const float* kernel, bool flipped, int pad, float* y, Images out);

// The gradient in the kernel [3, 3, in, out] of that convolution at input x, for the cotangent dy of its output.
void convolveKernelGradient(const float* x, Images in, const float* dy, Images out, int pad, float* gradient);
