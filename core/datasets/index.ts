export * from './augment.js';
export * from './data-folder.js';
export * from './hierarchy.js';
export * from './human-level.js';
export * from './in-memory-dataset.js';
export * from './in-memory-split.js';
export * from './levels.js';
export * from './normalise.js';
export { splitInProportion } from './subsets.js';
