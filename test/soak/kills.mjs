import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.mjs';
import { differences, leftBehind } from './left-behind.mjs';

const command = fileURLToPath(new URL('../../bin/auxflow.js', import.meta.url));

/** Kills of one run before it is left to end. */
const killsOfOneRun = 4;

/**
 * Kills runs with SIGKILL at moments drawn evenly over the time that an untouched run takes, resumes them, kills them again,
 * and in the end compares each with the untouched one.
 *
 * @param {{ kills: number, seed: number, only: string, say: (line: string) => void }} options
 */
export async function killSoak({ kills, seed, only, say }) {
  const names = Object.keys(cases).filter((name) => name.includes(only));
  if (names.length === 0) throw new Error(`no case has ${only} in its name: ${Object.keys(cases).join('; ')}`);
  const scratch = mkdtempSync(join(tmpdir(), 'auxflow-soak-'));
  const random = mulberry32(seed);
  const untouched = new Map();
  const counts = { kills: 0, runs: 0, beforeAnyCheckpoint: 0, insideAWrite: 0, afterTheEnd: 0 };
  /** @type {string[]} */
  const faults = [];
  for (let turn = 0; counts.kills < kills; turn++) {
    const name = names[turn % names.length] ?? '';
    const file = join(scratch, `${turn}.json`);
    writeFileSync(file, JSON.stringify(cases[name]));
    if (!untouched.has(name)) {
      const runs = join(scratch, 'untouched', String(turn));
      const began = performance.now();
      const { code, text } = await ended(launch(file, runs, false));
      if (code !== 0) throw new Error(`${name}: the untouched run failed\n${text}`);
      untouched.set(name, { left: leftBehind(join(runs, 'soak', '001')), ms: performance.now() - began });
    }
    const { left, ms } = untouched.get(name);
    const runs = join(scratch, String(turn));
    const folder = join(runs, 'soak', '001');
    let finished = false;
    for (let kill = 0; kill < killsOfOneRun && counts.kills < kills && !finished; kill++) {
      const child = launch(file, runs, existsSync(folder));
      const over = ended(child);
      await Promise.race([setTimeout(random() * ms), over]);
      finished = child.exitCode !== null;
      child.kill('SIGKILL');
      await over;
      counts.kills++;
      if (finished) counts.afterTheEnd++;
      else if (!existsSync(join(folder, 'checkpoints'))) counts.beforeAnyCheckpoint++;
      else if (halfWritten(folder)) counts.insideAWrite++;
    }
    counts.runs++;
    if (!finished) {
      const { code, text } = await ended(launch(file, runs, existsSync(folder)));
      if (code !== 0) faults.push(`${name}, run ${turn}: resuming failed with ${code}\n${text}`);
    }
    if (existsSync(join(folder, 'weights'))) {
      const different = differences(left, leftBehind(folder));
      if (different.length > 0)
        faults.push(`${name}, run ${turn}: differs in ${different.join(', ')}; kept in ${folder}`);
    }
    say(`${counts.kills}/${kills} kills  ${name}${faults.length > 0 ? `  ${faults.length} faults` : ''}`);
  }
  if (faults.length === 0) rmSync(scratch, { recursive: true });
  const lines = [
    `${counts.kills} kills of ${counts.runs} runs in ${Math.min(names.length, counts.runs)} of ${names.length} cases: ` +
      `${counts.beforeAnyCheckpoint} before the first checkpoint, ${counts.insideAWrite} while a file was being written, ` +
      `${counts.afterTheEnd} after the run's end`,
    faults.length === 0 ? 'every run ended as its untouched twin did, byte for byte' : faults.join('\n'),
  ];
  return { name: 'kills', ok: faults.length === 0, lines, data: { ...counts, cases: names.length, faults } };
}

/**
 * @param {string} file
 * @param {string} runs
 * @param {boolean} resume
 */
const launch = (file, runs, resume) =>
  spawn(process.execPath, [command, 'run', file, '--runs', runs, ...(resume ? ['--resume', 'latest'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/**
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @returns {Promise<{ code: number | null, text: string }>}
 */
const ended = (child) =>
  new Promise((resolve) => {
    let text = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => resolve({ code, text }));
  });

/** @param {string} folder */
const halfWritten = (folder) =>
  [folder, join(folder, 'checkpoints')].some((place) => readdirSync(place).some((name) => name.endsWith('.tmp')));

/**
 * Numbers in [0, 1), the same for the same seed.
 * @param {number} seed
 */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
