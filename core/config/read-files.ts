import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { ConfigError } from '../errors/index.js';
import { nearest } from '../plugins/index.js';
import type { Issues } from './issues.js';
import { readYaml } from './read-yaml.js';
import { plain, type Place, type WrittenMap } from './written.js';

/**
 * Reads a pipeline file and all it extends, the base first.
 * @throws ConfigError for files that are missing, no YAML, or extend each other in a circle.
 */
export async function readFiles(file: string, cwd: string, issues: Issues): Promise<WrittenMap[]> {
  return readChain(resolve(cwd, file), { path: [] }, cwd, [], issues);
}

/** The files that `layer` extends, the base first; none where it extends nothing. */
export async function readBases(
  layer: WrittenMap,
  cwd: string,
  above: readonly string[],
  issues: Issues,
): Promise<WrittenMap[]> {
  const base = layer.entries.get('extends');
  if (!base) return [];
  if (base.type !== 'scalar' || typeof base.value !== 'string' || base.value === '') {
    throw fault('config/extends', base, 'expected the path of another pipeline file');
  }
  return readChain(resolve(base.base, base.value), base, cwd, above, issues);
}

async function readChain(
  file: string,
  from: Place,
  cwd: string,
  above: readonly string[],
  issues: Issues,
): Promise<WrittenMap[]> {
  const text = await readText(file, from, cwd);
  const identity = await realpath(file);
  if (above.includes(identity)) {
    const cycle = [...above.slice(above.indexOf(identity)), identity].map((path) => display(path, cwd)).join(' -> ');
    throw fault('config/circular', from, `pipelines extend each other in a circle: ${cycle}`);
  }
  const layer = parse(text, file, cwd, issues);
  return [...(await readBases(layer, cwd, [...above, identity], issues)), layer];
}

function parse(text: string, file: string, cwd: string, issues: Issues): WrittenMap {
  const name = display(file, cwd);
  const where = (line: number, column: number): string => `${name}:${line}:${column}`;
  const written = readYaml({ text, base: dirname(file), where }, issues);
  issues.throwIfAny();
  if (written?.type === 'map') return written;
  if (!written || plain(written) === null) {
    throw fault('config/empty', { path: [], where: where(1, 1) }, 'the file is empty', pipelineForm);
  }
  throw fault(
    'config/wrong-type',
    written,
    `a pipeline is a map of keys, not a ${written.type === 'list' ? 'list' : 'single value'}`,
    pipelineForm,
  );
}

const pipelineForm = 'It needs at least: dataset: { use: ... }, model: { use: ... }, optimizer: { use: ... }.';

async function readText(file: string, from: Place, cwd: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const name = display(file, cwd);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw fault(
        'config/unreadable',
        from,
        code === 'EISDIR' ? `${name} is a folder, not a pipeline file` : `${name} can't be read: ${String(code)}`,
      );
    }
    const beside = await readdir(dirname(file)).catch(() => []);
    const close = nearest(
      basename(file),
      beside.filter((entry) => /\.ya?ml$/.test(entry)),
    );
    throw fault(
      'config/no-file',
      from,
      `there is no file ${name}`,
      close && `Did you mean ${display(join(dirname(file), close), cwd)}?`,
    );
  }
}

const fault = (code: string, { path, where }: Place, message: string, hint?: string): ConfigError =>
  new ConfigError([{ code, path, where, message, hint }]);

function display(file: string, cwd: string): string {
  const near = relative(cwd, file);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? file : near;
}
