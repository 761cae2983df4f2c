export * from './misfits.js';
export * from './refuse-not-finite.js';
export * from './some.js';
