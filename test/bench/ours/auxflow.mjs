/** The built package, with the types of its sources. */
export const auxflow = /** @type {typeof import('../../../plugins/index.js')} */ (
  await import(new URL('../../../dist/plugins/index.js', import.meta.url).href)
);
