import type { LabelUse } from '../../core/events/index.js';
import { bytes, double, doubles, float, integer, message } from './protobuf.js';

/** When something was measured: milliseconds since 1970, and its place on the horizontal axis. */
export interface Moment {
  readonly time: number;
  readonly step: number;
}

/** The messages that TensorBoard reads, by the field numbers of TensorFlow's `event.proto` and `summary.proto`. */

/** What a file begins with. */
export const fileVersion = (time: number): Buffer => message(double(1, time / 1000), bytes(3, 'brain.Event:2'));

/** A point of the curve `tag`; in float32, NaN and infinities included. */
export const scalar = (tag: string, value: number, moment: Moment): Buffer => summary(tag, float(2, value), moment);

/** How many samples each auxiliary class k of a primary one has, as a histogram whose bar k is centred at k. */
export function labelHistogram(tag: string, { shares, samples }: LabelUse, moment: Moment): Buffer {
  const counts = shares.map((share) => share * samples);
  const classes = [...counts.keys()];
  const sum = classes.reduce((total, k) => total + counts[k]! * k, 0);
  const sumOfSquares = classes.reduce((total, k) => total + counts[k]! * k * k, 0);
  const edges = [double(1, -0.5), double(2, counts.length - 0.5)];
  const moments = [double(3, samples), double(4, sum), double(5, sumOfSquares)];
  const limits = classes.map((k) => k + 0.5);
  return summary(tag, bytes(5, message(...edges, ...moments, doubles(6, limits), doubles(7, counts))), moment);
}

/** A PNG image. */
export const image = (tag: string, { png, width, height }: Image, moment: Moment): Buffer =>
  summary(tag, bytes(4, message(integer(1, height), integer(2, width), integer(3, 3), bytes(4, png))), moment);

/** Of 8 bits for each of three channels. */
export interface Image {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const summary = (tag: string, value: Buffer, { time, step }: Moment): Buffer =>
  message(double(1, time / 1000), integer(2, step), bytes(5, bytes(1, message(bytes(1, tag), value))));
