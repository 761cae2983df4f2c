export * from './misfits.js';
export * from './some.js';
