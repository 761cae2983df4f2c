import { resolve } from 'node:path';
import { PluginError } from '../errors/index.js';
import { isPathSpecifier, loadPlugins, type Plugin } from '../plugins/index.js';
import type { Written } from './written.js';

/** Plugins that a pipeline lists, and how to list them so that the place of the list no longer matters. */
export interface Outside {
  readonly plugins: readonly Plugin[];
  readonly specifiers: readonly string[];
}

/**
 * Loads the plugins in a pipeline's `plugins` list, each seen from where it is written.
 * @throws PluginError with the position of the first one that fails.
 */
export async function outsidePlugins(list: Written | undefined): Promise<Outside> {
  const plugins: Plugin[] = [];
  const specifiers: string[] = [];
  if (list?.type !== 'list') return { plugins, specifiers };
  for (const item of list.items) {
    if (item.type !== 'scalar' || typeof item.value !== 'string' || item.value === '') continue;
    plugins.push(...(await load(item.value, item)));
    specifiers.push(
      isPathSpecifier(item.value) && !item.value.startsWith('file:') ? resolve(item.base, item.value) : item.value,
    );
  }
  return { plugins, specifiers };
}

async function load(specifier: string, { where, base }: Written): Promise<Plugin[]> {
  try {
    return await loadPlugins([specifier], base);
  } catch (error) {
    if (!(error instanceof PluginError) || where === undefined) throw error;
    const { code, message, hint, cause } = error;
    throw new PluginError(code, `${where}: ${message}`, { cause, ...(hint === undefined ? {} : { hint }) });
  }
}
