import { pathToFileURL } from 'node:url';
import { PluginError, untilSettled } from '../errors/index.js';
import type { Plugin } from './define-plugin.js';
import { cameFrom } from './origin.js';
import { assertPlugin } from './plugin-shape.js';
import { reasonOf } from './reason.js';
import { resolvePlugin } from './resolve-plugin.js';
import { syntaxPlace } from './syntax-place.js';

/**
 * Imports plugins from outside, in order.
 * @param specifiers npm package names, or paths that begin with `.` or `/`.
 * @param fromDirectory absolute folder that names and relative paths count from.
 * @throws PluginError for the first that isn't found, fails while it loads, or exports no plugin.
 */
export async function loadPlugins(specifiers: readonly string[], fromDirectory: string): Promise<Plugin[]> {
  const plugins: Plugin[] = [];
  for (const specifier of specifiers) plugins.push(await loadPlugin(specifier, fromDirectory));
  return plugins;
}

async function loadPlugin(specifier: string, fromDirectory: string): Promise<Plugin> {
  const file = resolvePlugin(specifier, fromDirectory);
  const { exported } = await importDefault(specifier, file);
  if (exported === undefined) {
    throw new PluginError('plugin/no-default-export', `Plugin "${specifier}" has no default export.`, {
      hint: `End ${file} with "export default definePlugin({ ... })".`,
    });
  }
  assertPlugin(exported, specifier);
  cameFrom(exported, file);
  return exported;
}

async function importDefault(specifier: string, file: string): Promise<{ readonly exported: unknown }> {
  try {
    const module = await untilSettled(
      import(pathToFileURL(file).href) as Promise<Record<string, unknown>>,
      () => new Error('its top-level "await" waits for what never comes'),
      `the process was ended while plugin "${specifier}" loaded: ${file} may call process.exit (plugin/load)`,
    );
    // In an object: what a promise resolves to is asked for its `then`.
    return { exported: defaultOf(module) };
  } catch (cause) {
    const reason = [syntaxPlace(cause, file) ?? [], reasonOf(cause)].flat().join(': ');
    throw new PluginError('plugin/load', `Plugin "${specifier}" fails while it loads: ${reason}`, {
      cause,
      hint: /\.[cm]?ts$/.test(file)
        ? 'Compile it to JavaScript and list the compiled file.'
        : `Correct ${file}, or take it off "plugins".`,
    });
  }
}

/** The default export, also that of a transpiled CommonJS file, which arrives wrapped once more. */
function defaultOf(module: Record<string, unknown>): unknown {
  const outer = module['default'];
  const transpiled = typeof outer === 'object' && outer !== null && '__esModule' in outer && 'default' in outer;
  return transpiled ? outer.default : outer;
}
