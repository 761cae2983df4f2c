#!/usr/bin/env node
// Speed and memory beside PyTorch, the framework's own cost, and how steps scale. See docs/performance.md.
import { writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { Problem } from '../../bin/setup/problem.mjs';
import { torchPython } from './peer/setup.mjs';
import { sections } from './sections.mjs';
import { threads } from './sides.mjs';

const usage = `npm run bench -- [options]
  --only PATTERN  sections whose name matches: ${sections.map(({ name }) => name).join(', ')}
  --quick         few repeats: a first look, not a measurement
  --json FILE     write everything that was measured
Without Python or a network our side is measured alone. AUXFLOW_BENCH_PYTHON names a Python with torch to use instead of
one set up here.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else await bench(values);

/** @param {{ only: string, quick: boolean, json?: string }} options */
async function bench({ only, quick, json }) {
  const chosen = sections.filter(({ name }) => new RegExp(only, 'i').test(name));
  if (chosen.length === 0) throw new Error(`no section matches ${only}\n${usage}`);
  const python = chosen.some(({ name }) => name.startsWith('batch')) ? await peerPython() : undefined;
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  console.log(`${machine}, ${platform()} ${arch()}, node ${process.versions.node}; ${threads} threads a side`);
  const [load = 0] = loadavg();
  if (load > 0.5)
    console.log(`other work keeps this machine busy (load ${load.toFixed(1)}): don't trust these figures`);
  /** @type {Record<string, unknown>} */
  const data = { machine, threads, load, quick };
  for (const { name, run } of chosen) {
    console.log(`\n## ${name}\n`);
    const result = await run({ python, quick, progress: (text) => console.error(`${name}: ${text}`) });
    console.log(result.text);
    data[name] = result.data;
    if (json !== undefined) await writeFile(json, JSON.stringify(data, null, 1));
  }
}

async function peerPython() {
  try {
    return await torchPython();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`${error.format()}\nmeasuring our side alone`);
    return undefined;
  }
}
