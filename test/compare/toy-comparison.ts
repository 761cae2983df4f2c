import { loadPipeline, type PipelineSpec } from '../../core/config/index.js';
import { compare, runTrial } from '../../core/compare/index.js';
import type { Comparison, CompareOptions, Launch, Variant } from '../../core/compare/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { toyPlugin, toySpec } from '../pipeline/toy.js';

const options = { plugins: [...builtIn, toyPlugin()], defaults };

export const single: Variant = { label: 'single-task', set: ['auxiliary.use=single-task'] };
export const uniform: Variant = { label: 'uniform-labels', set: ['auxiliary.use=uniform-labels'] };
export const maxl: Variant = { label: 'maxl', set: ['auxiliary.use=maxl'] };

/** A comparison on the toy images whose trials run in this process; `told` notes what was said and what ran. */
export function toyComparison(
  folder: string,
  changes: Partial<CompareOptions> = {},
  spec: PipelineSpec = {},
): { readonly told: string[]; readonly ran: string[]; readonly result: Promise<Comparison> } {
  const told: string[] = [];
  const ran: string[] = [];
  const launch: Launch = async (pipelineFile, recordFile, signal) => {
    const pipeline = await loadPipeline(pipelineFile, options);
    ran.push(pipeline.name);
    await runTrial(pipeline, recordFile, { signal });
    return undefined;
  };
  const result = compare({
    name: 'toy',
    openFolder: async () => folder,
    load: (set) => loadPipeline(toySpec({ epochs: 1, ...spec }), { ...options, set }),
    controls: [single, uniform],
    variants: [maxl],
    idle: 'metaStep={ use: none }',
    select: true,
    seeds: [1, 2],
    budget: 'steps',
    jobs: 1,
    launch,
    signal: new AbortController().signal,
    note: (line) => told.push(line),
    progress: ({ variant, seed }, { status }, done, of) => told.push(`${done}/${of} ${variant} ${seed} ${status}`),
    ...changes,
  });
  return { told, ran, result };
}
