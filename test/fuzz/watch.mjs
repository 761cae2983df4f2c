import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * How much processor time one input may take, or how much time where a machine is so busy that it gets little, and how much
 * memory.
 */
export const limits = { cpuMs: 20_000, ms: 300_000, processBytes: 2 ** 31, grownBytes: 2 ** 28, perInputByte: 32 };

const program = new URL('./fuzz.mjs', import.meta.url);

/**
 * Fuzzes a chunk in a process of its own, and ends it where an input takes too long or too much.
 *
 * @param {Omit<import('./chunk.mjs').Chunk, 'progress'>} chunk
 * @returns {Promise<{ results: import('./chunk.mjs').Result[], broken?: { index: number, fault: string } }>} `broken` by an
 *   input that ended the process, whose other results are lost
 */
export function watched(chunk) {
  const folder = mkdtempSync(join(tmpdir(), 'auxflow-fuzz-'));
  const progress = join(folder, 'progress');
  return new Promise((resolve, reject) => {
    const child = fork(program, ['--chunk', JSON.stringify({ ...chunk, progress })], {
      execArgv: ['--max-old-space-size=1500'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', TMPDIR: folder },
    });
    let errors = '';
    /** @type {import('./chunk.mjs').Result[] | undefined} */
    let results;
    let at = '';
    let since = { ms: Date.now(), cpuMs: 0 };
    let fault = '';
    const end = (/** @type {string} */ reason) => {
      fault ||= reason;
      child.kill('SIGKILL');
    };
    const timer = setInterval(() => {
      const now = read(progress);
      const used = { ms: Date.now(), cpuMs: cpuMs(child.pid) };
      if (now !== at) [at, since] = [now, used];
      if (used.ms - since.ms > limits.ms) end(`took longer than ${limits.ms / 1000} s`);
      if (at !== '' && used.cpuMs - since.cpuMs > limits.cpuMs)
        end(`took more than ${limits.cpuMs / 1000} s of processor time`);
      const pages = Number(read(`/proc/${child.pid}/statm`).split(' ')[1] ?? 0);
      if (pages * 4096 > limits.processBytes) end(`the process held ${Math.round((pages * 4096) / 2 ** 20)} MB`);
    }, 100);
    child.stderr?.on('data', (text) => (errors = (errors + text).slice(-4000)));
    child.on('message', (message) => (results = /** @type {any} */ (message)));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      const index = Number.parseInt(read(progress), 10);
      rmSync(folder, { recursive: true, force: true });
      if (results) resolve({ results });
      else if (Number.isNaN(index)) reject(new Error(`the process did not start: ${fault}\n${errors}`));
      else
        resolve({
          results: [],
          broken: { index, fault: fault || `the process ended with ${signal ?? code}: ${errors.trim()}` },
        });
    });
  });
}

/** What a process has used so far, in clock ticks of 10 ms; 0 where the system doesn't say. */
function cpuMs(/** @type {number | undefined} */ pid) {
  const [, fields = ''] = read(`/proc/${pid}/stat`).split(') ');
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return 10 * (user + system);
}

const read = (/** @type {string} */ file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
