export * from './compose.js';
export * from './compose-observers.js';
export * from './dry-run.js';
export * from './measure-gradient.js';
export * from './run.js';
export { passesOf } from './script.js';
