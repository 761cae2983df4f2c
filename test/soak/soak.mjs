#!/usr/bin/env node
// Runs that are killed and resumed, long runs, and very many runs. See docs/robustness.md.
import { parseArgs } from 'node:util';
import { killSoak } from './kills.mjs';
import { longRun } from './long-run.mjs';
import { manyRuns } from './many-runs.mjs';

const usage = `npm run soak -- [options]
  --kills N     kill runs N times in all at random moments; resumed, each must end as one that was never touched
  --minutes M   train the quickstart's steps for M minutes; memory and step time must stay flat
  --runs N      N runs in one process; nothing of them may stay
  --seed S      of the kills' moments (1)
  --only TEXT   kill only cases whose name holds TEXT
  --json        results as JSON`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    minutes: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const { kills, minutes, runs, json, only } = values;

/** @param {string} text */
const number = (text) => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`expected a number above 0, not "${text}"\n${usage}`);
};
/** @param {string} line */
const say = (line) => void process.stderr.write(`${line}\n`);

/** @type {{ name: string, ok: boolean, lines: string[], data: unknown }[]} */
const results = [];
if (kills !== undefined) results.push(await killSoak({ kills: number(kills), seed: Number(values.seed), only, say }));
if (minutes !== undefined) results.push(await longRun({ minutes: number(minutes), say }));
if (runs !== undefined) results.push(await manyRuns({ runs: number(runs), say }));
if (results.length === 0 || values.help) console.log(usage);
else if (json)
  console.log(JSON.stringify(Object.fromEntries(results.map(({ name, ok, data }) => [name, { ok, data }])), null, 2));
else
  for (const { name, ok, lines } of results) console.log([`${name}: ${ok ? 'passed' : 'FAILED'}`, ...lines].join('\n'));
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
