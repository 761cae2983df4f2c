/*
 * TensorFlow operations that tfjs has no fast function for, run on the native engine outside the tape.
 * All take and return float32 NHWC tensors; results belong to the caller.
 */
export * from './batch-norm.js';
export * from './convolution.js';
export * from './elementwise.js';
export { kernelGradient } from './kernel-gradient.js';
export * from './pooling.js';
