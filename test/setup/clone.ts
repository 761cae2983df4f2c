import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..');

/**
 * A folder that the set-up takes for a clone, with commands that stand for npm, pip and g++. No other command is found,
 * and no network is used.
 */
export class Clone implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'auxflow-clone-'));
  readonly cache = join(this.root, 'cache', 'auxflow');
  readonly engine = join(this.root, 'node_modules/@tensorflow/tfjs-node');
  private readonly environment = { PATH: join(this.root, 'commands'), XDG_CACHE_HOME: dirname(this.cache) };

  constructor({ node = '>=20' } = {}) {
    for (const folder of ['bin', 'core/engine/kernels'])
      cpSync(join(repository, folder), join(this.root, folder), { recursive: true });
    mkdirSync(join(this.root, 'commands'));
    mkdirSync(this.cache, { recursive: true });
    this.write('package.json', JSON.stringify({ engines: { node } }));
    this.write('package-lock.json', '{ "packages": {} }');
    this.write('node_modules/.package-lock.json', '{ "packages": {} }');
    this.write('node_modules/@tensorflow/tfjs-node/package.json', '{}');
    this.write('node_modules/node-api-headers/index.js', '');
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text, { mode });
  }

  /** Adds a command that answers to `--version`, and otherwise runs `script` (CommonJS; `args`, `fs`). */
  command(name: string, script: string): void {
    const source = `#!${process.execPath}
const args = process.argv.slice(2), fs = require('node:fs');
if (!args.includes('--version')) { ${script} }`;
    this.write(`commands/${name}`, source, 0o755);
  }

  setup(...options: string[]): { code: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/setup.mjs', ...options], {
      cwd: this.root,
      env: this.environment,
      encoding: 'utf8',
    });
    return { code: status, output: stdout + stderr };
  }

  /** Sets up, and sends `signal` once the output says `when`. */
  interrupted(signal: NodeJS.Signals, when: string): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, ['bin/setup.mjs'], { cwd: this.root, env: this.environment });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => {
      const before = output.includes(when);
      output += chunk.toString();
      if (!before && output.includes(when)) child.kill(signal);
    });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
  }

  /** What the set-up has written last, of the engine. */
  get stamp(): string {
    return readFileSync(join(this.engine, 'deps/auxflow.txt'), 'utf8');
  }

  /** Names in the engine's package and in the cache: what a failed set-up may have left. */
  get remains(): string[] {
    return [...readdirSync(this.engine), ...readdirSync(this.cache)];
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
