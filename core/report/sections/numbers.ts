import type { Estimate } from '../../compare/index.js';
import type { Score, ScoreKind } from '../../events/index.js';

/** With a true minus sign, and none before a zero. */
const minus = (text: string): string => text.replace(/^-(?=0(?:\.0*)?(?:%|$))/, '').replace('-', '−');

/** `97.3%` of 0.973. */
export const percent = (share: number, digits = 2): string => minus(`${(100 * share).toFixed(digits)}%`);

/** `97.30%`, or `0.9730`. */
export const scoreText = ({ kind, value }: Score): string => minus(kind.write(value, 2));

/** `+0.53` of 0.0053: a difference in percentage points; `+0.0053` of plain numbers. */
export const points = (kind: ScoreKind, difference: number): string => {
  const text = minus(kind.number(difference));
  return text.startsWith('−') ? text : `+${text}`;
};

export const decimal = (value: number, digits = 2): string => minus(value.toFixed(digits));

/** `97.30% ± 0.21`: mean and standard deviation. */
export const spread = (kind: ScoreKind, { mean, deviation }: Estimate): string => {
  const text = scoreText({ kind, value: mean });
  return deviation === undefined ? text : `${text} ± ${kind.number(deviation)}`;
};

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
