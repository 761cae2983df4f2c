import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import ts from 'typescript';
import { templates } from '../../core/cli/plugin-package.js';
import { Folder } from '../config/folder.js';

const root = join(import.meta.dirname, '../..');
const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');
const { devDependencies } = JSON.parse(read(root, 'package.json')) as { devDependencies: Record<string, string> };
const pinned = (name: string): string => `${name}@${devDependencies[name]!}`;

/** The host that tfjs-node's own installer needs. */
const engineHost = 'storage.googleapis.com';

/** An empty project, in whose processes that host isn't found; each attempt is noted. */
const folder = new Folder({
  'package.json': '{ "type": "module" }',
  'block.cjs': `const dns = require('node:dns'), { appendFileSync } = require('node:fs'), { lookup } = dns;
    dns.lookup = (host, ...rest) => {
      if (host !== ${JSON.stringify(engineHost)}) return lookup(host, ...rest);
      appendFileSync(__dirname + '/attempts.txt', host + '\\n');
      rest.at(-1)(Object.assign(new Error('blocked'), { code: 'ENOTFOUND' }));
    };`,
});
afterAll(() => folder[Symbol.dispose]());
const inFolder = (...path: string[]): string => join(folder.path, ...path);
const attempts = (): boolean => existsSync(inFolder('attempts.txt'));

/** Runs a command line in the project; what it printed, once it ended well. */
async function shell(line: string, cwd = folder.path): Promise<string> {
  const own = Object.entries(process.env).filter(([key]) => !key.startsWith('npm_'));
  const env = { ...Object.fromEntries(own), NODE_OPTIONS: `--require ${inFolder('block.cjs')}` };
  const run = promisify(execFile)('sh', ['-c', line], { cwd, env, maxBuffer: 2 ** 26 });
  const { stdout, stderr } = await run.catch((error: unknown) => {
    const said = error as { stdout: string; stderr: string };
    throw new Error(`${line}\n${said.stdout}${said.stderr}`);
  });
  return stdout + stderr;
}

const quick = ['epochs=1', 'dataset.train=60', 'dataset.test=30'].map((set) => ` --set ${set}`).join('');
const snippets = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, snippet]) => snippet!);

/** The packages that a lockfile lists. */
function locked(at: string): { name: string; dev?: boolean }[] {
  const { packages } = JSON.parse(read(at, 'package-lock.json')) as { packages: Record<string, { dev?: boolean }> };
  const parent = 'node_modules/';
  return Object.entries(packages).flatMap(([path, { dev }]) =>
    path.includes(parent) ? [{ name: path.slice(path.lastIndexOf(parent) + parent.length), ...(dev && { dev }) }] : [],
  );
}

describe('the packed package, installed where there is nothing', () => {
  const readme = read(root, 'README.md');
  const commands = snippets(readme.slice(readme.indexOf('## In a project of yours')), 'bash')[0]!
    .trim()
    .split('\n');
  let tarball: string;
  let printed = '';

  beforeAll(async () => {
    const [packed] = JSON.parse(await shell(`npm pack --json --pack-destination ${folder.path}`, root)) as {
      filename: string;
    }[];
    tarball = inFolder(packed!.filename);
    folder.write(
      'run.ts',
      snippets(readme, 'ts')
        .find((snippet) => snippet.startsWith('// run.ts\n'))!
        .replace('train: 1000', 'train: 60, test: 30')
        .replace('epochs: 10', 'epochs: 1'),
    );
    for (const command of commands) {
      const line = command
        .replace(/\S*auxflow-\S*\.tgz/, tarball)
        .replace('typescript @types/node', `${pinned('typescript')} ${pinned('@types/node')}`);
      printed += await shell(line.includes('auxflow run ') ? line + quick : line);
    }
  }, 300_000);

  it('needs nothing of the host of the engine, which is blocked', async () => {
    expect(attempts()).toBe(false);
    expect(await shell('npx auxflow doctor')).toMatch(/own kernels +avx[^]*Everything is in order\./);
    // The block is one: asking that host is noted, and fails.
    await expect(shell(`node -e "require('https').get('https://${engineHost}')"`)).rejects.toThrow('ENOTFOUND');
    expect(attempts()).toBe(true);
  });

  it("runs the README's commands: trains in TypeScript, then predicts", () => {
    expect(printed).toContain('finished  test accuracy');
    expect(printed.match(/sample: '[012]',\s*class: '(even|odd)',\s*probabilities: \[/g)).toHaveLength(3);
  });

  it('has one engine, and nothing that only its development needs', async () => {
    const project = locked(folder.path).filter(({ dev }) => !dev);
    for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-core', 'rxjs', 'inversify'])
      expect(project.filter((one) => one.name === name)).toHaveLength(1);
    const clone = locked(root);
    const needed = new Set(clone.flatMap(({ name, dev }) => (dev ? [] : [name])));
    const forDevelopment = new Set(clone.flatMap(({ name }) => (needed.has(name) ? [] : [name])));
    expect(forDevelopment.size).toBeGreaterThan(200);
    expect(project.filter(({ name }) => forDevelopment.has(name))).toEqual([]);
    folder.write(
      'same.js',
      `import * as own from '@tensorflow/tfjs-node';
       import { tf } from 'auxflow';
       console.log(own.Tensor === tf.Tensor);`,
    );
    expect(await shell('node same.js')).toBe('true\n');
  });

  it('has every page that its README links to', () => {
    const targets = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) => target!);
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.filter((target) => !existsSync(inFolder('node_modules/auxflow', target)))).toEqual([]);
  });

  it('has types that are right without skipLibCheck, for bundlers too, and asks a run in code as docs/models.md does', async () => {
    const ask = snippets(read(root, 'docs/models.md'), 'ts').find((text) => text.startsWith('// ask.ts\n'))!;
    folder.write('ask.ts', ask);
    folder.write('all.ts', "export * from 'auxflow';\nexport { check } from 'auxflow/testing';\n");
    const program = ts.createProgram(
      ['run.ts', 'ask.ts', 'all.ts'].map((file) => inFolder(file)),
      {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        typeRoots: [inFolder('node_modules/@types')],
        types: ['node'],
        strict: true,
      },
    );
    // tfjs's own declarations have faults.
    const files = program
      .getSourceFiles()
      .filter(({ fileName }) => /auxflow\/dist\/|\/(run|ask|all)\.ts$/.test(fileName));
    expect(files.length).toBeGreaterThan(100);
    const faults = files.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]);
    const said = faults.map(
      ({ file, messageText }) => `${file!.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
    expect(said).toEqual([]);

    const background = { create: { width: 28, height: 28, channels: 3 as const, background: 'black' } };
    await sharp(background).png().toFile(inFolder('digit.png'));
    program.emit(program.getSourceFile(inFolder('ask.ts')));
    const answers = await shell('node ask.js');
    expect(answers).toContain("sample: 'digit.png'");
    expect(answers).toMatch(/^(even|odd)$/m);
    expect(answers).toContain('confusion: [');
  }, 120_000);

  describe('auxflow create-plugin', () => {
    const kinds = Object.keys(templates);
    beforeAll(async () => {
      await shell(
        kinds.map((kind) => `node_modules/.bin/auxflow create-plugin my-${kind} --stage ${kind}`).join(' && '),
      );
      await shell(`npm install --ignore-scripts --no-audit --no-fund ${kinds.map((kind) => `./my-${kind}`).join(' ')}`);
    }, 120_000);

    // test/cli/create-plugin.test.ts runs those of every kind.
    it('writes a package that passes its own tests at once', async () => {
      expect(await shell('npm test', inFolder('my-auxiliary-labels'))).toMatch(/^(#|ℹ) fail 0$/m);
    }, 120_000);

    it('whose stages one pipeline takes together, by their names', async () => {
      folder.write(
        'mine.yaml',
        `name: mine-all
epochs: 1
plugins: [${kinds.map((kind) => `my-${kind}`).join(', ')}]
dataset: { use: my-dataset }
model: { use: my-model }
loss: { use: my-loss }
optimizer: { use: my-optimizer, learningRate: { use: my-schedule, initial: 0.05 } }
auxiliary: { use: my-auxiliary-labels, psi: 2 }
metaStep: { use: my-meta-step }
combiner: { use: my-combiner }
observers: [{ use: my-observer, file: epochs.txt }]
`,
      );
      expect(await shell('npx auxflow run mine.yaml')).toContain('finished  test accuracy');
      expect(read(inFolder('epochs.txt')).trim().split('\n')).toHaveLength(1);
      const config = read(inFolder('runs/mine-all/001/config.yaml'));
      for (const kind of kinds) expect(config).toContain(`use: my-${kind}\n`);
    }, 120_000);
  });
});
