import { resolve } from 'node:path';
import { PluginError } from '../errors/index.js';
import { isPathSpecifier, loadPlugins, type Plugin } from '../plugins/index.js';
import type { Written } from './written.js';

/** Plugins that a pipeline lists, and how to list them so that the place of the list no longer matters. */
export interface Outside {
  readonly plugins: readonly Plugin[];
  readonly specifiers: readonly string[];
  /** Positions of those that stand in a file or an option. */
  readonly places: ReadonlyMap<Plugin, string>;
}

/**
 * Loads the plugins in a pipeline's `plugins` list, each seen from where it is written.
 * @throws PluginError with the position of the first one that fails.
 */
export async function outsidePlugins(list: Written | undefined): Promise<Outside> {
  const plugins: Plugin[] = [];
  const specifiers: string[] = [];
  const places = new Map<Plugin, string>();
  if (list?.type !== 'list') return { plugins, specifiers, places };
  for (const item of list.items) {
    if (item.type !== 'scalar' || typeof item.value !== 'string' || item.value === '') continue;
    const plugin = await load(item.value, item);
    plugins.push(plugin);
    if (item.where !== undefined) places.set(plugin, item.where);
    specifiers.push(
      isPathSpecifier(item.value) && !item.value.startsWith('file:') ? resolve(item.base, item.value) : item.value,
    );
  }
  return { plugins, specifiers, places };
}

async function load(specifier: string, { where, base }: Written): Promise<Plugin> {
  try {
    return (await loadPlugins([specifier], base))[0]!;
  } catch (error) {
    if (!(error instanceof PluginError) || where === undefined) throw error;
    const { code, message, hint, cause } = error;
    throw new PluginError(code, `${where}: ${message}`, { cause, ...(hint === undefined ? {} : { hint }) });
  }
}
