export * from './run-folder.js';
export * from './safetensors.js';
export * from './write-atomically.js';
