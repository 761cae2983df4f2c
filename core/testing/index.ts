export type { StageCase, Surroundings } from './bench.js';
export { conformance } from './conformance.js';
export * from './layer-errors.js';
export * from './suite.js';
