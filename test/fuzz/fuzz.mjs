#!/usr/bin/env node
// Hostile input by the thousand to everything that reads files. See docs/robustness.md.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzChunk } from './chunk.mjs';
import { formats } from './formats/index.mjs';
import { inputOf, writeInput } from './one-input.mjs';
import { summary, table } from './table.mjs';
import { limits, watched } from './watch.mjs';

const usage = `npm run fuzz -- [options]
  --inputs N         in all, shared out over the formats (1000)
  --seed S           of every input (1)
  --only A,B         formats: ${formats.map(({ name }) => name).join(', ')}
  --at I             the I-th input of the one format alone
  --failures FOLDER  where inputs at fault are written (runs/fuzz-failures)
  --json             the table as JSON
Exit code 1 where an input was neither accepted nor refused with an error of ours, or took too long or too much memory.`;

const chunkSize = 5000;
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    at: { type: 'string' },
    failures: { type: 'string', default: 'runs/fuzz-failures' },
    json: { type: 'boolean', default: false },
    chunk: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else if (values.chunk !== undefined) process.send?.(await fuzzChunk(JSON.parse(values.chunk)), () => process.exit());
else await fuzz(values);

/** @param {{ inputs: string, seed: string, only: string, at?: string, failures: string, json: boolean }} options */
async function fuzz({ inputs, seed: seedText, only, at, failures, json }) {
  const [total, seed] = [Number(inputs), Number(seedText)];
  const chosen = formats.filter(({ name }) => only === '' || only.split(',').includes(name));
  if (chosen.length === 0 || !Number.isInteger(total) || !Number.isInteger(seed)) throw new Error(usage);
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  const rows = [];
  let faulty = false;
  for (const format of chosen) {
    const first = at === undefined ? 0 : Number(at);
    const end = at === undefined ? Math.ceil((total * format.share) / shares) : first + 1;
    /** @type {import('./chunk.mjs').Result[]} */
    const results = [];
    const report = (/** @type {number} */ index, /** @type {string} */ fault) => {
      faulty = true;
      const folder = resolve(failures, `${format.name}-${seed}-${index}`);
      const input = inputOf(format, seed, index);
      writeInput(input, folder);
      writeFileSync(join(folder, 'fault.txt'), `${fault}\n${JSON.stringify(input.options ?? {})}\n`);
      console.error(`${format.name} --seed ${seed} --at ${index}: ${fault.slice(0, 600)}\n  ${folder}`);
    };
    for (let next = first; next < end;) {
      const count = Math.min(chunkSize, end - next);
      const { results: found, broken } = await watched({ format: format.name, seed, first: next, count });
      // What went before a broken input was lost with its process: once more, up to there.
      if (broken) {
        results.push({ index: broken.index, fault: broken.fault, ms: 0, grownBytes: 0, inputBytes: 0 });
        if (broken.index > next)
          results.push(
            ...(await watched({ format: format.name, seed, first: next, count: broken.index - next })).results,
          );
        next = broken.index + 1;
        continue;
      }
      results.push(...found);
      next += count;
    }
    const judged = results.map(({ refused, ...result }) => {
      const grew = result.grownBytes > limits.grownBytes + limits.perInputByte * result.inputBytes;
      if (grew) return { ...result, fault: `memory grew by ${Math.round(result.grownBytes / 2 ** 20)} MB` };
      return refused === undefined ? result : { ...result, refused };
    });
    for (const { index, fault } of judged) if (fault !== undefined) report(index, fault);
    rows.push(summary(format.name, judged));
    console.error(`${format.name}: ${results.length} inputs`);
  }
  console.log(json ? JSON.stringify(rows) : table(rows));
  if (faulty) process.exitCode = 1;
}
