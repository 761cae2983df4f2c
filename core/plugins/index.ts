export * from './catalog.js';
export type * from './data-source.js';
export * from './define-plugin.js';
export * from './load-plugins.js';
export * from './nearest.js';
export * from './nested.js';
export * from './path.js';
export { stageKinds } from './plugin-shape.js';
export { isPathSpecifier } from './resolve-plugin.js';
