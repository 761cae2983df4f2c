export type { JsonSchema } from './expectation.js';
export * from './json-schema.js';
export * from './load-pipeline.js';
export * from './mermaid.js';
export { placed } from './places.js';
export * from './reference.js';
export * from './show-pipeline.js';
export * from './spec.js';
export * from './spec-of.js';
