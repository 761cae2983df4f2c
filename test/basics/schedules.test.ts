import { describe, expect, it } from '@jest/globals';
import { Constant, Cosine, StepDecay } from '../../plugins/basics/schedules.js';

describe('schedules', () => {
  it('constant stays', () => {
    expect(new Constant({ initial: 0.2 }).at()).toBe(0.2);
  });

  it('step halves after each 50 of 200 epochs, as the paper does', () => {
    const schedule = new StepDecay({ initial: 0.01, every: 50, factor: 0.5 });
    expect([0, 49.9, 50, 99.9, 100, 150, 199.9].map((epoch) => schedule.at({ epoch, epochs: 200 }))).toEqual([
      0.01, 0.01, 0.005, 0.005, 0.0025, 0.00125, 0.00125,
    ]);
  });

  it('cosine falls from initial to final, half-way in the middle', () => {
    const schedule = new Cosine({ initial: 0.3, final: 0.1 });
    expect(schedule.at({ epoch: 0, epochs: 10 })).toBeCloseTo(0.3);
    expect(schedule.at({ epoch: 5, epochs: 10 })).toBeCloseTo(0.2);
    expect(schedule.at({ epoch: 10, epochs: 10 })).toBeCloseTo(0.1);
  });
});
