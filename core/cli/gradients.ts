import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Params } from '../autodiff/index.js';
import { loadPipeline } from '../config/index.js';
import type { ErrorReport } from '../errors/index.js';
import { loadOptions, type ChangeOptions, type Shell } from './shell.js';

/** How one method's meta-gradient compares to that of the first method that worked. */
export interface MethodRow {
  readonly method: string;
  /** Of the gradients in theta2 as vectors, -1 to 1. */
  readonly cosine?: number;
  readonly normRatio?: number;
  readonly durationMs?: number;
  readonly peakBytes?: number;
  /** Why there is no gradient. */
  readonly error?: string;
}

export interface GradientComparison {
  readonly pipeline: string;
  readonly parameters: number;
  readonly methods: readonly MethodRow[];
}

/** The pipeline to compare on, and changes to it. */
export interface GradientOptions extends ChangeOptions {
  readonly pipeline?: string;
}

/** Ordinary steps of each pass before the gradients are compared. */
const steps = 3;

const load = (shell: Shell, options: GradientOptions) =>
  loadPipeline(options.pipeline ?? shell.example, loadOptions(shell, options));

/** One method's gradient and what it took, as files in `folder`: the part that a process of its own does. */
export async function writeGradient(
  shell: Shell,
  options: GradientOptions,
  method: string,
  folder: string,
): Promise<void> {
  const { measureGradient } = await import('../pipeline/index.js');
  const { writeSafetensors } = await import('../checkpoint/index.js');
  const { gradient, ...measured } = await measureGradient(await load(shell, options), method, { steps });
  await writeSafetensors(join(folder, `${method}.safetensors`), gradient);
  await writeFile(join(folder, `${method}.json`), JSON.stringify(measured));
}

/** Tries every method of a pipeline's meta-step in a process of its own, so that none is charged for another's memory. */
export async function compareGradients(
  shell: Shell,
  options: GradientOptions,
  note: (line: string) => void,
): Promise<GradientComparison> {
  const pipeline = await load(shell, options);
  const { gradientMethods } = await import('../pipeline/index.js');
  const { countParams } = await import('../autodiff/index.js');
  const { readSafetensors } = await import('../checkpoint/index.js');
  const { Scope } = await import('../engine/index.js');

  const folder = await mkdtemp(join(tmpdir(), 'auxflow-gradients-'));
  using scope = new Scope();
  scope.defer(() => void rm(folder, { recursive: true, force: true }));
  const methods: MethodRow[] = [];
  let reference: Awaited<ReturnType<typeof readSafetensors>>['tensors'] | undefined;
  for (const method of await gradientMethods(pipeline)) {
    note(`${method} ...`);
    const tried = await tryMethod(shell, options, method, folder);
    if (tried.error === undefined) {
      const { tensors } = await readSafetensors(join(folder, `${method}.safetensors`));
      Object.values(tensors).forEach((tensor) => scope.own(tensor));
      reference ??= tensors;
      const [norm, other] = [tensors, reference].map((gradient) => Math.sqrt(dot(gradient, gradient))) as [
        number,
        number,
      ];
      methods.push({ ...tried, cosine: dot(tensors, reference) / (norm * other), normRatio: norm / other });
    } else methods.push(tried);
  }
  return { pipeline: pipeline.name, parameters: reference ? countParams(reference) : 0, methods };
}

/** In double precision all through, so that a gradient's cosine with itself is 1. */
function dot(a: Params, b: Params): number {
  let sum = 0;
  for (const [name, tensor] of Object.entries(a)) {
    const [x, y] = [tensor.dataSync(), b[name]!.dataSync()];
    for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  }
  return sum;
}

/** What a child process says of a method; its crash is that method's row, not ours. */
async function tryMethod(
  { command: [node, ...args], cwd, env }: Shell,
  { pipeline, set = [], seed }: GradientOptions,
  method: string,
  folder: string,
): Promise<MethodRow> {
  const options = [
    ...(pipeline === undefined ? [] : ['--pipeline', pipeline]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...set.flatMap((change) => ['--set', change]),
  ];
  const verb = ['doctor', '--gradients', '--method', method, '--output', folder, '--json'];
  try {
    await promisify(execFile)(node, [...args, ...verb, ...options], { cwd, env: { ...process.env, ...env } });
    return { method, ...(JSON.parse(await readFile(join(folder, `${method}.json`), 'utf8')) as object) };
  } catch (error) {
    return { method, error: reasonOf(error as Error & { readonly stdout?: string; readonly signal?: string }) };
  }
}

/** The message of a child's own error report, or how the child ended. */
function reasonOf({ stdout, signal, message }: Error & { readonly stdout?: string; readonly signal?: string }): string {
  try {
    const { error } = JSON.parse(stdout ?? '') as { readonly error: Pick<ErrorReport, 'message' | 'hint'> };
    return [error.message, error.hint].filter(Boolean).join('; ').replaceAll(/\s+/g, ' ');
  } catch {
    return signal ? `the process ended by ${signal}, as it does when memory runs out` : message;
  }
}

/** The comparison for people. */
export function formatComparison({ pipeline, parameters, methods }: GradientComparison): string {
  const [first] = methods.filter(({ error }) => error === undefined);
  const number = (value: number | undefined, digits: number): string => (value ?? NaN).toFixed(digits);
  const rows = methods.map(({ method, error, cosine, normRatio, durationMs, peakBytes }) =>
    error === undefined
      ? [method, number(cosine, 6), number(normRatio, 4), number(durationMs, 1), number(peakBytes! / 2 ** 20, 0)]
      : [method, error],
  );
  const header = ['method', 'cosine', 'norm ratio', 'ms', 'peak MB'];
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cells.length === 2 ? cell : cell.padStart(11))).join(' ');
  return [
    `meta-gradient of ${pipeline} in ${parameters} parameters of the label network, against ${first?.method ?? 'nothing'}`,
    ...[header, ...rows].map(line),
  ].join('\n');
}
