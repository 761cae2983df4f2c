import { loadPipeline, type PipelineSpec, type ResolvedPipeline } from '../../core/config/index.js';
import { fakeDefaults, fakes } from './fake-plugins.js';
import { Folder } from './folder.js';

/** Loads with the fake plugins. */
export const load = (
  source: string | PipelineSpec,
  cwd: string,
  set: readonly string[] = [],
): Promise<ResolvedPipeline> => loadPipeline(source, { plugins: fakes, defaults: fakeDefaults, cwd, set });

/** The message of the error that a pipeline file of this text ends in. */
export async function complaint(text: string, set: readonly string[] = []): Promise<string> {
  using folder = new Folder({ 'p.yaml': text });
  try {
    await load('p.yaml', folder.path, set);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'no complaint';
}

/** The pipeline in a file of this text. */
export async function loaded(
  text: string,
  set: readonly string[] = [],
  others: Record<string, string> = {},
): Promise<ResolvedPipeline> {
  using folder = new Folder({ 'p.yaml': text, ...others });
  return await load('p.yaml', folder.path, set);
}

/** A valid pipeline to which a test adds; its last line is the fourth. */
export const start = `dataset: { use: digits }
model: { use: conv }
optimizer: { use: sgd, learningRate: 0.1 }
`;
