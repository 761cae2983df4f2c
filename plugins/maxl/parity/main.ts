import { parseArgs } from 'node:util';
import { AuxflowError, reportError, RunError } from '../../../core/errors/index.js';
import type { PipelineSpec } from '../../../core/config/index.js';
import type { Plugin } from '../../../core/plugins/index.js';
import { replay } from './replay.js';
import type { ParityReport } from './replay.js';
import { readTrace } from './trace.js';

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const err = (text: string): void => void process.stderr.write(`${text}\n`);

const usage = 'usage: npm run parity -- FILE [--json]';

/** Replays a reference trace and prints how far we are from it; the exit code is 1 when too far, 2 for a bad file. */
export async function parity(
  argv: readonly string[],
  plugins: readonly Plugin[],
  defaults: PipelineSpec,
): Promise<number> {
  const json = argv.includes('--json');
  if (argv.includes('--help')) {
    out(usage);
    return 0;
  }
  try {
    const { positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    if (positionals.length !== 1) throw new TypeError('name one trace file');
    const report = await replay(await readTrace(positionals[0]!), plugins, defaults);
    out(json ? JSON.stringify(report) : table(report));
    return report.passed ? 0 : 1;
  } catch (error) {
    const { stack, ...report } = reportError(error);
    const fault = error instanceof TypeError ? { ...report, name: 'UsageError', code: 'usage', hint: usage } : report;
    if (json) out(JSON.stringify({ error: fault }));
    else if (error instanceof AuxflowError || error instanceof TypeError) err([fault.message, fault.hint].join('\n  '));
    else err(stack ?? fault.message);
    return error instanceof RunError ? 1 : 2;
  }
}

const table = ({ errors, largest, tolerance, passed }: ParityReport): string =>
  [
    ...Object.entries(errors).map(([what, error]) => `${what.padEnd(36)} ${error.toExponential(2)}`),
    `${'largest'.padEnd(36)} ${largest.toExponential(2)}  ${passed ? 'within' : 'OVER'} ${tolerance.toExponential(2)}`,
  ].join('\n');
