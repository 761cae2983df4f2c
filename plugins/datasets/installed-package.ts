import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * How to get a package to where {@link installedPackage} finds it. The clone of auxflow, where no package.json should change for
 * data, is as good a place as a project of one's own.
 */
export const installs = (name: string, size: string): string =>
  `run \`npm install --no-save ${name}\` (${size}) in the folder that you work in; without --no-save its package.json lists it too`;

/** Folders that may hold a file of an npm package: found from the working folder or from this plugin, and the usual one. */
export function installedPackage(name: string, file: string): readonly string[] {
  const found = [pathToFileURL(join(process.cwd(), 'any')).href, import.meta.url].flatMap((from) => {
    try {
      return [dirname(createRequire(from).resolve(`${name}/${file}`))];
    } catch {
      return [];
    }
  });
  return [...found, dirname(join(process.cwd(), 'node_modules', name, file))];
}
