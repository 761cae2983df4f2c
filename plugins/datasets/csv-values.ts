const missing = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

/** Whether a field stands for a value that isn't known: empty, `NA`, `N/A`, `NaN`, `null` or `?`. */
export const isMissing = (text: string): boolean => missing.has(text.toLowerCase());

/** The number that a field holds, in decimal notation; `undefined` for anything else and for what float32 can't hold. */
export function numberOf(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}
