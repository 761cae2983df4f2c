import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginError } from '../errors/index.js';

/** True for a path; false for the name of an npm package. */
export const isPathSpecifier = (specifier: string): boolean =>
  specifier.startsWith('.') || specifier.startsWith('file:') || isAbsolute(specifier);

/**
 * The absolute file that a plugin's name or path stands for, seen from a folder.
 * @throws PluginError when there is none.
 */
export function resolvePlugin(specifier: string, fromDirectory: string): string {
  const require = createRequire(join(fromDirectory, 'pipeline.js'));
  if (isPathSpecifier(specifier)) {
    const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(fromDirectory, specifier);
    if (isFile(path)) return path;
    try {
      return require.resolve(path);
    } catch (cause) {
      const entry = entryOf(path, '.');
      if (entry !== undefined) return entry;
      throw new PluginError('plugin/not-found', `There is no plugin file "${specifier}": ${missing(path)}.`, {
        cause,
        hint: 'A relative path counts from the pipeline file that lists it.',
      });
    }
  }
  if (isBuiltin(specifier)) {
    throw new PluginError('plugin/not-found', `"${specifier}" is a module of Node's own, not a plugin.`, {
      hint: `For a file of that name write "./${specifier}".`,
    });
  }
  try {
    return require.resolve(specifier);
  } catch (cause) {
    const file = importOnlyEntry(specifier, require.resolve.paths(specifier) ?? []);
    if (file) return file;
    const local = existsSync(resolve(fromDirectory, specifier));
    throw new PluginError(
      'plugin/not-found',
      `Plugin "${specifier}" isn't installed where ${fromDirectory} finds packages.`,
      {
        cause,
        hint: local
          ? `For the file beside the pipeline write "./${specifier}".`
          : `Run "npm install ${specifier}" there.`,
      },
    );
  }
}

/** The entry of a package that only `import` may load, which `require.resolve` refuses to find. */
function importOnlyEntry(specifier: string, folders: readonly string[]): string | undefined {
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  for (const folder of folders) {
    const root = join(folder, name);
    if (isFile(join(root, 'package.json'))) return entryOf(root, `.${rest ?? ''}`);
  }
  return undefined;
}

/**
 * What the package in a folder exports to `import` under a subpath.
 * @throws PluginError where its package.json is damaged
 */
function entryOf(root: string, subpath: string): string | undefined {
  const file = join(root, 'package.json');
  if (!isFile(file)) return undefined;
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = `${file} of a plugin is not JSON: ${(cause as Error).message}`;
    throw new PluginError('plugin/package', message, { cause, hint: 'Correct it, or install the plugin anew.' });
  }
  const { exports } = (manifest ?? {}) as { readonly exports?: unknown };
  const target = conditional(isSubpaths(exports) ? exports[subpath] : subpath === '.' ? exports : undefined);
  return target === undefined ? undefined : join(root, target);
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const found = conditional(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

const missing = (path: string): string =>
  existsSync(path) ? `${path} is a folder without a package.json that names its entry` : `${path} doesn't exist`;
const isSubpaths = (exports: unknown): exports is Record<string, unknown> =>
  typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'));
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
