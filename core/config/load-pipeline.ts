import { basename, extname } from 'node:path';
import { Catalog, type Plugin } from '../plugins/index.js';
import { fromObject } from './from-object.js';
import { Issues } from './issues.js';
import { outsidePlugins, type Outside } from './outside-plugins.js';
import { overrides } from './overrides.js';
import { readBases, readFiles } from './read-files.js';
import { resolveObservers, resolvePipeline } from './resolve-pipeline.js';
import type { PipelineSpec, ResolvedPipeline, ResolvedStage } from './spec.js';
import { merge, type Place, type Written, type WrittenMap } from './written.js';

export interface LoadOptions {
  /** Plugins that are there without being listed. */
  readonly plugins: readonly Plugin[];
  /** Plugins that errors may point to although they aren't loaded. */
  readonly known?: readonly Plugin[];
  /** What holds where the pipeline says nothing. */
  readonly defaults?: Omit<PipelineSpec, 'extends'>;
  /** Keys that hold whatever the pipeline says. */
  readonly changes?: Omit<PipelineSpec, 'extends'>;
  /** Changes of the form `optimizer.learningRate=0.1`, applied last. */
  readonly set?: readonly string[];
  /** What relative paths outside of files count from; the working folder by default. */
  readonly cwd?: string;
}

/**
 * Reads, merges and validates a pipeline.
 * @param source path of a YAML file, or the same keys as an object.
 * @throws ConfigError with every fault and its position; PluginError where plugins can't be loaded or used.
 */
export async function loadPipeline(source: string | PipelineSpec, options: LoadOptions): Promise<ResolvedPipeline> {
  const { layers, start, issues, cwd, catalog, outside } = await read(source, options);
  const name = typeof source === 'string' ? folderName(source) : undefined;
  const resolved = resolvePipeline(layers, { catalog, issues, cwd, name, start, plugins: outside.specifiers });
  issues.throwIfAny();
  return resolved!;
}

/**
 * Reads, merges and validates the observers of a pipeline, whatever else it says.
 * @throws as {@link loadPipeline}
 */
export async function loadObservers(source: string | PipelineSpec, options: LoadOptions): Promise<ResolvedStage[]> {
  const { layers, issues, cwd, catalog } = await read(source, options);
  const written = layers.flatMap(({ entries }) => entries.get('observers') ?? []);
  const observers = resolveObservers(written, { catalog, issues, cwd });
  issues.throwIfAny();
  return observers!;
}

/**
 * Everything that a pipeline may name: the given plugins and those that it lists itself.
 * @throws ConfigError where the pipeline can't be read; PluginError where plugins can't be loaded or used.
 */
export async function loadCatalog(source: string | PipelineSpec, options: LoadOptions): Promise<Catalog> {
  const { catalog, issues } = await read(source, options);
  issues.throwIfAny();
  return catalog;
}

interface Read {
  readonly layers: readonly WrittenMap[];
  readonly start: Place;
  readonly issues: Issues;
  readonly cwd: string;
  readonly catalog: Catalog;
  readonly outside: Outside;
}

async function read(source: string | PipelineSpec, options: LoadOptions): Promise<Read> {
  const { plugins, known = [], defaults = {}, changes = {}, set = [], cwd = process.cwd() } = options;
  const issues = new Issues();
  const object = (value: PipelineSpec): WrittenMap => asMap(fromObject(value, { path: [], base: cwd }, issues), cwd);
  const written =
    typeof source === 'string' ? await readFiles(source, cwd, issues) : await withBases(object(source), cwd, issues);
  const last = overrides(set, cwd, issues);
  const layers = [object(defaults), ...written, object(changes), ...(last ? [last] : [])];
  const list = layers
    .map(({ entries }) => entries.get('plugins'))
    .reduce((under, over) => (over ? merge(under, over) : under), undefined);
  const outside = await outsidePlugins(list);
  const catalog = new Catalog([...plugins, ...outside.plugins], known, outside.places);
  return { layers, start: written.at(-1)!, issues, cwd, catalog, outside };
}

const withBases = async (layer: WrittenMap, cwd: string, issues: Issues): Promise<WrittenMap[]> => [
  ...(await readBases(layer, cwd, [], issues)),
  layer,
];

const asMap = (written: Written, base: string): WrittenMap =>
  written.type === 'map' ? written : { type: 'map', entries: new Map(), path: [], base };

/** The name of a pipeline that states none: its file's, without what a folder name can't have. */
const folderName = (file: string): string =>
  basename(file, extname(file))
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 100) || 'pipeline';
