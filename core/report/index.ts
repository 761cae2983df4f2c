export * from './agreement.js';
export * from './label-gallery.js';
export * from './arms.js';
export * from './page.js';
export * from './report.js';
export * from './results.js';
export type * from './labelling.js';
export type * from './run-record.js';
export type * from './tasks.js';
