export * from './run-folder.js';
export * from './safetensors.js';
export * from './sync-directory.js';
export * from './write-atomically.js';
