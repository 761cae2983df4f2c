import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
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
  if (above.length > longestChain)
    throw fault('config/extends', from, `more than ${longestChain} pipelines extend one another`);
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

/** Far more than pipelines have: of bytes of one, and of files that extend one another. */
const [mostBytes, longestChain] = [2 ** 17, 32];

const pipelineForm = 'It needs at least: dataset: { use: ... }, model: { use: ... }, optimizer: { use: ... }.';

async function readText(file: string, from: Place, cwd: string): Promise<string> {
  try {
    // What is named on the command line may be a pipe; another file can't make us wait for one.
    if (from.path.length > 0 && !(await isFileOrFolder(file)))
      throw fault('config/unreadable', from, `${display(file, cwd)} is a pipe or device, not a pipeline file`);
    return await readStart(file, from, cwd);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
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

const isFileOrFolder = async (file: string): Promise<boolean> => {
  const entry = await stat(file);
  return entry.isFile() || entry.isDirectory();
};

async function readStart(file: string, from: Place, cwd: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(file, { end: mostBytes }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
  }
  if (length <= mostBytes) return Buffer.concat(chunks).toString('utf8');
  throw fault('config/too-large', from, `${display(file, cwd)} has more than ${mostBytes} bytes: it is no pipeline`);
}

const fault = (code: string, { path, where }: Place, message: string, hint?: string): ConfigError =>
  new ConfigError([{ code, path, where, message, hint }]);

function display(file: string, cwd: string): string {
  const near = relative(cwd, file);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? file : near;
}
