import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { Generator } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';

const ascending = ([low, high]: readonly [number, number]): boolean => low < high;
const integers = z.tuple([z.int(), z.int()]).refine(ascending);
const numbers = z.tuple([z.number(), z.number()]).refine(ascending);

const Choices = z.union([
  z.array(z.unknown()).min(1),
  z.strictObject({ log: numbers.refine(([low]) => low > 0) }),
  z.strictObject({ linear: numbers }),
  z.strictObject({ integer: integers }),
]);

/** What a key may be set to: one of a list, or a number from a range, evenly or evenly in its logarithm. */
export type Choices = z.output<typeof Choices>;

/** Choices by key, such as `optimizer.learningRate.initial`. */
export type Space = Readonly<Record<string, Choices>>;

/**
 * Reads a search space.
 * @example
 * optimizer.learningRate.initial: { log: [0.01, 1] }
 * auxiliary.entropyWeight: [0, 0.1, 0.2]
 * @throws ConfigError for a file that can't be read, or keys whose values are no choices.
 */
export async function readSpace(file: string): Promise<Space> {
  const found = asSpace(await readYaml(file));
  if (typeof found !== 'string') return found;
  throw refuse(
    file,
    found,
    'Write each key as a list of values, or { log: [0.01, 1] }, { linear: ... }, { integer: ... }.',
  );
}

/** The space that a value states, or what is wrong with it. */
function asSpace(value: unknown): Space | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'expected keys of a pipeline';
  const wrong = Object.entries(value).find(([, choices]) => !Choices.safeParse(choices).success);
  if (wrong) return `${wrong[0]}: ${JSON.stringify(wrong[1])} is no list of values and no range from low to high`;
  return Object.keys(value).length > 0 ? (value as Space) : 'there is nothing to search';
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw refuse(file, error instanceof Error ? error.message : String(error));
  }
}

const refuse = (where: string, message: string, hint?: string): ConfigError =>
  new ConfigError([{ code: 'compare/space', path: [], where, message, hint }]);

/** Any one choice. */
export const firstOf = (choices: Choices): unknown =>
  Array.isArray(choices) ? choices[0] : Object.values(choices as Record<string, readonly number[]>)[0]![0];

/**
 * A random setting of each of `keys`, as of `--set`: a function of seed, trial and key alone, so that the same trial of
 * different variants gets the same values.
 */
export const draw = (space: Space, keys: readonly string[], seed: number, trial: number): string[] =>
  keys.map((key) => {
    const generator = Generator.for(seed, `search/${trial}/${key}`);
    return setting(key, choose(space[key]!, generator));
  });

export const setting = (key: string, value: unknown): string => `${key}=${JSON.stringify(value)}`;

function choose(choices: Choices, generator: Generator): unknown {
  if (Array.isArray(choices)) return choices[generator.integer(choices.length)];
  if ('integer' in choices) {
    const [low, high] = choices.integer;
    return low + generator.integer(high - low + 1);
  }
  const value =
    'log' in choices
      ? Math.exp(generator.uniform(Math.log(choices.log[0]), Math.log(choices.log[1])))
      : generator.uniform(...choices.linear);
  return Number(value.toPrecision(3));
}
