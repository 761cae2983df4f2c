import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputOf, outcomeOf, writeInput } from './one-input.mjs';
import { formats } from './formats/index.mjs';
import { readersFrom } from './readers.mjs';

/**
 * @typedef {{ format: string, seed: number, first: number, count: number, progress: string }} Chunk
 * @typedef {import('./one-input.mjs').Outcome & { index: number, ms: number, grownBytes: number, inputBytes: number }} Result
 */

/**
 * Fuzzes a run of inputs in this process. The number of the one at work stands in the file `progress`, for whoever has to end this.
 *
 * @param {Chunk} chunk
 * @returns {Promise<Result[]>}
 */
export async function fuzzChunk({ format: name, seed, first, count, progress }) {
  const readers = await readersFrom((module) => import(new URL(`../../dist/${module}.js`, import.meta.url).href));
  const format = formats.find((each) => each.name === name);
  if (!format) throw new Error(`no format ${name}`);
  const scratch = mkdtempSync(join(tmpdir(), 'auxflow-fuzz-'));
  const folder = join(scratch, 'input');
  const file = openSync(progress, 'w');
  const results = [];
  for (let index = first; index < first + count; index++) {
    writeSync(file, String(index).padEnd(12), 0);
    const input = inputOf(format, seed, index);
    const inputBytes = writeInput(input, folder);
    const [resident, peak, start] = [process.memoryUsage.rss(), peakBytes(), process.cpuUsage()];
    const outcome = await outcomeOf(format, readers, input, folder);
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    // A peak from before says nothing about this input.
    const grownBytes = peakBytes() > peak ? peakBytes() - resident : 0;
    results.push({ ...outcome, index, ms, grownBytes, inputBytes });
  }
  rmSync(scratch, { recursive: true });
  return results;
}

const peakBytes = () => process.resourceUsage().maxRSS * 1024;
