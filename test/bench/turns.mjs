import { spawn } from 'node:child_process';

/** @typedef {{ timesMs: number[], peakBytes?: number }} MeasuredPass */
/** @typedef {{ passes: Record<string, MeasuredPass>, baseBytes?: number, versions: Record<string, string> }} Measured */
/** @typedef {{ command: string, args: string[], request: object, env?: Record<string, string> }} Side */
/** @typedef {{ turns: Measured[], failure?: string }} Taken */

/**
 * Measures sides in turn (A B C, A B C, ...), each time in a fresh process. A side that fails is left out from then on.
 *
 * @param {Readonly<Record<string, Side>>} sides
 * @param {number} turns
 * @param {(side: string, turn: number) => void} [onStart]
 * @returns {Promise<Record<string, Taken>>}
 */
export async function inTurns(sides, turns, onStart = () => {}) {
  /** @type {Record<string, Taken>} */
  const taken = Object.fromEntries(Object.keys(sides).map((name) => [name, { turns: [] }]));
  for (let turn = 0; turn < turns; turn++) {
    for (const [name, side] of Object.entries(sides)) {
      const own = taken[name];
      if (!own || own.failure !== undefined) continue;
      onStart(name, turn);
      try {
        own.turns.push(await measure(side));
      } catch (/** @type {any} */ error) {
        own.failure = error.message;
      }
    }
  }
  return taken;
}

/**
 * What a process that measures prints as its last line, parsed.
 *
 * @param {Side} side
 * @returns {Promise<Measured>}
 */
export function measure({ command, args, request, env = {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args, JSON.stringify(request)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(lastLine(output));
      else reject(new Error(reason(errors)));
    });
  });
}

/** @param {string} output */
export const lastLine = (output) => JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');

/** The line of an error's output that names it, in Node's form or Python's. */
export const reason = (/** @type {string} */ errors) => {
  const lines = errors.trim().split('\n');
  return lines.find((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1) ?? 'no output';
};

/** The milliseconds of one batch in `pass`, or through all passes of the epoch, by turn. */
export const times = (/** @type {Taken} */ { turns }, /** @type {string} */ pass) =>
  turns.map(({ passes }) => {
    if (pass !== 'epoch') return passes[pass]?.timesMs ?? [];
    const [first, ...others] = Object.values(passes).map(({ timesMs }) => timesMs);
    return (first ?? []).map((ms, i) => others.reduce((sum, timesMs) => sum + (timesMs[i] ?? 0), ms));
  });

/** The epoch's peak memory above the process's own base in bytes, by turn. */
export const peaks = (/** @type {Taken} */ { turns }) =>
  turns
    .map(({ passes }) => Object.values(passes).flatMap(({ peakBytes }) => peakBytes ?? []))
    .filter((bytes) => bytes.length > 0)
    .map((bytes) => [Math.max(...bytes)]);
