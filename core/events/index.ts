export * from './event.js';
export * from './isolate.js';
export * from './pull.js';
export * from './score.js';
