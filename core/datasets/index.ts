export * from './hierarchy.js';
export * from './in-memory-dataset.js';
export * from './in-memory-split.js';
export * from './levels.js';
