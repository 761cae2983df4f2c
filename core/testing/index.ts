export * from './layer-errors.js';
