import type { Estimate } from '../../compare/index.js';

/** With a true minus sign, and none before a zero. */
const minus = (text: string): string => text.replace(/^-(?=0(?:\.0*)?(?:%|$))/, '').replace('-', '−');

/** `97.3%` of 0.973. */
export const percent = (share: number, digits = 2): string => minus(`${(100 * share).toFixed(digits)}%`);

/** `+0.53` of 0.0053: a difference in percentage points. */
export const points = (share: number): string => {
  const text = minus((100 * share).toFixed(2));
  return text.startsWith('−') ? text : `+${text}`;
};

export const decimal = (value: number, digits = 2): string => minus(value.toFixed(digits));

/** `97.30% ± 0.21`: mean and standard deviation. */
export const spreadPercent = ({ mean, deviation }: Estimate): string =>
  deviation === undefined ? percent(mean) : `${percent(mean)} ± ${(100 * deviation).toFixed(2)}`;

/** `12 s`, `3m 20s`. */
export const seconds = (ms: number): string => {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`;
};

/** `412 MB` */
export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;

/** `a`, `a and b`, `a, b and c`. */
export const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
