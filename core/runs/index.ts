export * from './differences.js';
export * from './find-run-folders.js';
export * from './read-events.js';
export * from './record-at.js';
export * from './replay.js';
export * from './run-entry.js';
export type * from './score.js';
