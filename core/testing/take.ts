import type { Measurement, Pass } from '../stages/index.js';
import { Walk } from '../training/index.js';
import type { Built } from './bench.js';

/** Where a pass's step of the first of two epochs stands. */
export const position = (pass: string, step: number) => ({ epoch: (step - 1) / 100, epochs: 2, pass, step });

/** The first `steps` of a pass, and what settles the last of them. */
export function take({ state, dataset, random }: Built, { name, step, settle }: Pass, steps: number): Measurement[] {
  const walk = new Walk(dataset, random, name, 1);
  const measured: Measurement[] = [];
  for (let n = 0; n < steps; n++) {
    using drawn = walk.at(n);
    measured.push(...step(state, drawn.batch, position(name, n + 1), drawn.draw));
  }
  if (!settle) return measured;
  using next = walk.at(steps);
  return [...measured, ...settle(state, next.batch, position(name, steps), next.draw)];
}
