export * from './catalog.js';
export type * from './data-source.js';
export * from './define-plugin.js';
export * from './injects.js';
export * from './load-plugins.js';
export * from './nearest.js';
export * from './nested.js';
export * from './path.js';
export { stageKinds } from './plugin-shape.js';
export { isPathSpecifier } from './resolve-plugin.js';
// What plugins are written with, in the one copy that auxflow has: they need no dependency but it.
export { inject, injectable } from 'inversify';
export { z } from 'zod';
