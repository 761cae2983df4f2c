import { spawn } from 'node:child_process';

/**
 * Runs the pipeline of one file somewhere, which writes its record to another. An aborted signal stops it gracefully.
 * @returns why it ended without doing so, where that is known.
 */
export type Launch = (pipelineFile: string, recordFile: string, signal: AbortSignal) => Promise<string | undefined>;

/** How this program is started again. */
export interface Command {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is kept of a child's messages. */
const toldLength = 2000;

/**
 * Launches trials as processes of their own, so that a crash loses one trial and memory is counted for each. A trial stops
 * when its standard input ends: when it is told to, and when this process is gone.
 */
export const inChildProcess =
  ({ command: [program, ...args], cwd, env }: Command): Launch =>
  (pipelineFile, recordFile, signal) =>
    new Promise((resolve) => {
      const child = spawn(program, [...args, 'compare', pipelineFile, '--trial', recordFile], {
        cwd,
        env: { ...process.env, ...env },
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      let told = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (told = (told + text).slice(-toldLength)));
      child.stdin.on('error', () => undefined);
      const stop = (): void => void child.stdin.end();
      const ended = (reason: string | undefined): void => {
        signal.removeEventListener('abort', stop);
        resolve(reason);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      child.on('error', ({ message }) => ended(message));
      child.on('close', (code, killer) => {
        if (killer) ended(`the process ended by ${killer}, as it does when memory runs out`);
        else ended(code === 0 ? undefined : told.trim() || `the process exited with ${code}`);
      });
    });
