// Tests run in workers, whose own `process.env` is a copy that TensorFlow doesn't see: what core/engine sets is set here.
process.env.TF_CPP_MIN_LOG_LEVEL = '2';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: '<rootDir>/test/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  // Sources import each other as the built files will be named.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true, explicitResourceManagement: true },
          transform: { legacyDecorator: true, decoratorMetadata: false },
        },
      },
    ],
  },
  // Each worker loads TensorFlow, which uses all cores by itself.
  maxWorkers: 2,
  // They train and compile for real, on machines that may be busy.
  testTimeout: 180_000,
  reporters: ['default', '<rootDir>/test/count-reporter.mjs'],
};
