import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { makeFolder } from '../checkpoint/index.js';
import { PluginError } from '../errors/index.js';
import type { StageKind } from '../plugins/index.js';
import { ownPackage, type OwnPackage } from './own-package.js';

/** What `create-plugin --stage` takes, and the kind of stage that each is. */
export const templates = {
  'auxiliary-labels': 'auxiliary',
  dataset: 'dataset',
  model: 'model',
  loss: 'loss',
  optimizer: 'optimizer',
  schedule: 'schedule',
  'meta-step': 'metaStep',
  observer: 'observer',
  combiner: 'combiner',
} as const satisfies Record<string, StageKind>;
export type Template = keyof typeof templates;

/** A package that was written. */
export interface PluginPackage {
  readonly folder: string;
  readonly files: readonly string[];
  /** Where its `auxflow` is, if the folders above have none of their own: linked there. */
  readonly linked?: string;
}

/**
 * Writes a package with one plugin, all of it or nothing: code, tests, README and a pipeline that runs it.
 * @param folder absolute; must be new or empty
 * @param name of the package, the plugin and, without its scope, the stage
 * @throws PluginError where the folder holds something
 */
export async function writePluginPackage(folder: string, name: string, template: Template): Promise<PluginPackage> {
  if (existsSync(folder) && (await entries(folder)).length > 0) {
    throw new PluginError('plugin/folder-exists', `${folder} is there already, and isn't empty.`, {
      hint: 'Choose another name, or remove it first.',
    });
  }
  const own = ownPackage();
  const { root } = own;
  makeFolder(dirname(folder));
  const found = resolvesAuxflow(dirname(folder));
  const scratch = await mkdtemp(join(dirname(folder), '.plugin-'));
  try {
    const source = join(root, 'core', 'cli', 'templates', template);
    for (const file of await readdir(source))
      await writeFile(join(scratch, file), filledIn(await readFile(join(source, file), 'utf8'), name));
    await writeJson(join(scratch, 'package.json'), manifest(name, own, found ? undefined : relative(folder, root)));
    await writeJson(join(scratch, 'jsconfig.json'), jsconfig);
    await writeFile(join(scratch, '.gitignore'), 'node_modules/\nruns/\n');
    const files = (await readdir(scratch)).sort();
    if (!found) {
      await linkAuxflow(root, join(scratch, 'node_modules'));
    }
    await rename(scratch, folder);
    return { folder, files, ...(!found && { linked: root }) };
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw error;
  }
}

/** The name that a template's stage and folder get: the package's without its scope. */
export const stageName = (name: string): string => basename(name);

const filledIn = (text: string, name: string): string =>
  text
    .replaceAll('plugins: [my-plugin]', `plugins: ['${name}']`)
    .replaceAll("name: 'my-plugin',\n  apiVersion", `name: '${name}',\n  apiVersion`)
    .replaceAll('my-plugin', stageName(name))
    .replaceAll('MyPlugin', className(stageName(name)));

/** `brightness-labels` as `BrightnessLabels`. */
const className = (name: string): string =>
  name.replaceAll(/(?:^|[._-]+)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * Whoever installs the plugin has auxflow, so it is a peer, and an optional one, since no registry need know it.
 * @param link where to find it, relative to the package, if the folders above don't have it
 */
const manifest = (name: string, { version, engines }: OwnPackage, link: string | undefined) => ({
  name,
  version: '0.1.0',
  description: 'A plugin for auxflow',
  keywords: ['auxflow-plugin'],
  type: 'module',
  engines,
  main: './index.js',
  exports: { '.': './index.js', './package.json': './package.json' },
  files: ['index.js'],
  scripts: { test: 'node --test' },
  peerDependencies: { auxflow: `^${version}` },
  peerDependenciesMeta: { auxflow: { optional: true } },
  ...(link !== undefined && { devDependencies: { auxflow: `file:${link}` } }),
});

const jsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    checkJs: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  },
};

/** Does what `npm install` would make of a `file:` dependency. */
async function linkAuxflow(root: string, modules: string): Promise<void> {
  makeFolder(join(modules, '.bin'));
  await symlink(root, join(modules, 'auxflow'), 'junction');
  // There npm writes a script instead, since links to files need a right of their own.
  if (process.platform !== 'win32') await symlink('../auxflow/bin/auxflow.js', join(modules, '.bin', 'auxflow'));
}

function resolvesAuxflow(folder: string): boolean {
  try {
    createRequire(join(folder, 'index.js')).resolve('auxflow/package.json');
    return true;
  } catch {
    return false;
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new PluginError('plugin/folder-exists', `${folder} is there already, and is no folder.`, { cause });
  }
}

const writeJson = (file: string, value: unknown): Promise<void> =>
  writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
