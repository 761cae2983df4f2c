import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { Generator } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';

type Range = readonly [low: number, high: number];

/** What a key may be set to: one of a list, or a number from a range, evenly or evenly in its logarithm. */
export type Choices =
  readonly unknown[] | { readonly log: Range } | { readonly linear: Range } | { readonly integer: Range };

/** Choices by key, such as `optimizer.learningRate.initial`. */
export type Space = Readonly<Record<string, Choices>>;

/**
 * Reads a search space.
 * @example
 * optimizer.learningRate.initial: { log: [0.01, 1] }
 * auxiliary.entropyWeight: [0, 0.1, 0.2]
 * @param file relative to `cwd`
 * @throws ConfigError for a file that can't be read, or keys whose values are no choices.
 */
export async function readSpace(file: string, cwd: string): Promise<Space> {
  const space = await readYaml(file, cwd);
  const refuse = (message: string): ConfigError =>
    new ConfigError([{ code: 'compare/space', path: [], where: file, message, hint: form }]);
  if (!isMap(space)) throw refuse(`expected keys of a pipeline, each with its choices, got ${written(space)}`);
  const faults = Object.entries(space).flatMap(([key, choices]) => {
    const fault = faultOf(choices);
    return fault === undefined ? [] : [`${key}: ${fault}`];
  });
  if (faults.length > 0) throw refuse(faults.join('\n'));
  if (Object.keys(space).length === 0) throw refuse('there is nothing to search');
  return space as Space;
}

const form = 'Write each key as a list of values, or { log: [0.01, 1] }, { linear: [0, 1] }, { integer: [2, 8] }.';

const ranges = ['log', 'linear', 'integer'];

/** What is wrong with the choices of a key, in words. */
function faultOf(choices: unknown): string | undefined {
  if (Array.isArray(choices)) return choices.length > 0 ? undefined : 'the list is empty';
  if (!isMap(choices)) return `expected a list or a range, got ${written(choices)}; one value goes into --set`;
  const [kind = '', ...others] = Object.keys(choices);
  if (kind === '') return 'the range is empty';
  const unknown = [kind, ...others].find((each) => !ranges.includes(each));
  if (unknown !== undefined) return `there is no range "${unknown}"; there are ${ranges.join(', ')}`;
  if (others.length > 0) return `expected one range, got ${[kind, ...others].join(' and ')}`;
  return faultOfRange(kind, choices[kind]);
}

function faultOfRange(kind: string, ends: unknown): string | undefined {
  const isNumber = (end: unknown): end is number => typeof end === 'number' && Number.isFinite(end);
  if (!Array.isArray(ends) || ends.length !== 2 || !ends.every(isNumber))
    return `${kind} needs two numbers, [low, high], got ${written(ends)}`;
  const [low, high] = ends as [number, number];
  if (low >= high) return `${kind} needs its low end below its high one, got ${written(ends)}`;
  if (kind === 'log' && low <= 0) return `log needs a low end above 0, got ${low}`;
  if (kind === 'integer' && !ends.every(Number.isSafeInteger))
    return `integer needs whole numbers, got ${written(ends)}`;
  return undefined;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as YAML would hold it, in one line. */
const written = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

async function readYaml(file: string, cwd: string): Promise<unknown> {
  const refuse = (cause: unknown, message: string, where?: string): ConfigError =>
    new ConfigError([{ code: 'compare/space', path: [], where, message }], { cause });
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw refuse(error, `there is no file ${file}`, '--search');
    if (code === 'EISDIR') throw refuse(error, `${file} is a folder, expected a YAML file`, '--search');
    throw refuse(error, `can't read ${file}: ${message}`, '--search');
  });
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw refuse(error, error instanceof Error ? error.message : String(error), file);
  }
}

/** Any one choice. */
export const firstOf = (choices: Choices): unknown =>
  isList(choices) ? choices[0] : Object.values(choices as Readonly<Record<string, Range>>)[0]![0];

const isList = (choices: Choices): choices is readonly unknown[] => Array.isArray(choices);

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
  if (isList(choices)) return choices[generator.integer(choices.length)];
  if ('integer' in choices) {
    const [low, high] = choices.integer;
    return low + generator.integer(high - low + 1);
  }
  const [low, high] = 'log' in choices ? choices.log : choices.linear;
  const value =
    'log' in choices ? Math.exp(generator.uniform(Math.log(low), Math.log(high))) : generator.uniform(low, high);
  return Math.min(high, Math.max(low, Number(value.toPrecision(3))));
}
