import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

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
