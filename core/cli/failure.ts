import {
  AuxflowError,
  ConfigError,
  DataError,
  formatIssue,
  PluginError,
  reportError,
  type ConfigIssue,
  type ErrorReport,
} from '../errors/index.js';

/** What verbs exit with besides 0, and 130 or 143 after a signal. */
export const exitCodes = { runFailed: 1, declaration: 2 } as const;

/** 2 where the pipeline, a plugin or the data is at fault and nothing could run, 1 otherwise. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof ConfigError || error instanceof PluginError || error instanceof DataError
    ? exitCodes.declaration
    : exitCodes.runFailed;

/** An error for machines: the issues of a declaration one by one. */
export interface FailureReport extends Omit<ErrorReport, 'stack'> {
  readonly issues?: readonly ConfigIssue[];
}

export function failureReport(error: unknown): FailureReport {
  const report = { ...reportError(error), stack: undefined };
  return error instanceof ConfigError ? { ...report, issues: error.issues } : report;
}

/** An error for people, with its code to look up in docs/errors.md; the stack only where it isn't one of auxflow's own. */
export function failureText(error: unknown): string {
  if (error instanceof ConfigError) {
    const { issues } = error;
    const lines = issues.map((issue) => formatIssue({ ...issue, message: withCode(issue) })).join('\n');
    const count = issues.length > 1 ? `\n${issues.length} problems; nothing has run.` : '';
    return `${lines}${count}${below(error)}`;
  }
  if (error instanceof AuxflowError) return `error: ${withCode(error)}${below(error)}`;
  return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

const withCode = ({ message, code }: { message: string; code: string }): string => `${message} (${code})`;

const below = ({ hint }: AuxflowError): string => (hint ? `\n  ${hint}` : '');
