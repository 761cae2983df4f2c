export * from './doctor.js';
export * from './engine-error.js';
export * from './engine-info.js';
export * from './native-op.js';
export * from './random.js';
export * from './scope.js';
export * from './self-test.js';
export * from './tf.js';
