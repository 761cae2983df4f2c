import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the command line tells of the package that it is in. */
export interface OwnPackage {
  readonly root: string;
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
}

/** The package that auxflow itself is: the nearest above with a package.json, be this file compiled or not. */
export function ownPackage(): OwnPackage {
  let root = import.meta.dirname;
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  const { version, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as OwnPackage;
  return { root, version, engines };
}
