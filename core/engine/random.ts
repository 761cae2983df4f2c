import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { type xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** One stream of pseudo-random numbers whose position can be saved and restored. */
export class Generator {
  private constructor(private rng: ReturnType<typeof xoroshiro128plus>) {}

  /** A generator for one purpose of one run: the same pair always yields the same numbers. */
  static for(seed: number, purpose: string): Generator {
    const digest = createHash('sha256').update(`${seed}/${purpose}`).digest();
    return new Generator(xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset))));
  }

  /** The position in the stream; set it to continue from there. */
  get state(): readonly number[] {
    return this.rng.getState();
  }

  set state(state: readonly number[]) {
    this.rng = xoroshiro128plusFromState(state);
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.rng);
  }

  /** Uniform integer in [0, bound). */
  integer(bound: number): number {
    return uniformInt(this.rng, 0, bound - 1);
  }

  /** The integers 0 to `size` - 1 in random order (Fisher and Yates). */
  permutation(size: number): Int32Array {
    const order = Int32Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}

/** Every random choice of a run: one generator per purpose, all drawn from the run's seed. */
export class Random {
  private readonly generators = new Map<string, Generator>();

  constructor(readonly seed: number) {}

  /** The run's generator for `purpose`, such as `order/train` or `weights/theta1`; the same one at every call. */
  for(purpose: string): Generator {
    let generator = this.generators.get(purpose);
    if (!generator) this.generators.set(purpose, (generator = Generator.for(this.seed, purpose)));
    return generator;
  }

  /** Positions of all generators drawn so far, for a checkpoint. */
  get state(): Record<string, readonly number[]> {
    return Object.fromEntries([...this.generators].map(([purpose, generator]) => [purpose, generator.state]));
  }

  set state(states: Record<string, readonly number[]>) {
    for (const [purpose, state] of Object.entries(states)) this.for(purpose).state = state;
  }
}
