export * from './checkpoint-file.js';
export * from './checkpoints.js';
export * from './run-folder.js';
export * from './run-lock.js';
export * from './safetensors.js';
export * from './snapshot.js';
export * from './sync-directory.js';
export * from './write-atomically.js';
