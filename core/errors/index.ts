export * from './at-work.js';
export * from './until-settled.js';

/** Base of every error auxflow raises on purpose: says what, where, and the way out. */
export abstract class AuxflowError extends Error {
  /** Stable and searchable, such as `config/unknown-key`. */
  abstract readonly code: string;
  /** What the user can do about it. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, cause }: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = new.target.name;
    this.hint = hint;
  }
}

/** One fault in a pipeline declaration. */
export interface ConfigIssue {
  /** Such as `config/unknown-key`. */
  readonly code: string;
  /** What is wrong, with the nearest valid name. */
  readonly message: string;
  /** Path of the key: `['metaStep', 'method']`. */
  readonly path: readonly (string | number)[];
  /** `pipelines/quickstart.yaml:12:5`, or `--set`, or absent for a pipeline given as an object. */
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
}

/**
 * The pipeline declaration is wrong; nothing has run. Exit code 2.
 * Wrong: `optimizer: { use: sdg }`. Right: `optimizer: { use: sgd, learningRate: 0.1 }`.
 */
export class ConfigError extends AuxflowError {
  readonly code: string;

  constructor(
    readonly issues: readonly ConfigIssue[],
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(issues.map(formatIssue).join('\n'), options);
    this.code = issues[0]?.code ?? 'config/invalid';
  }

  /** One fault without a position. */
  static of(code: string, path: readonly (string | number)[], message: string, hint?: string): ConfigError {
    return new ConfigError([{ code, path, message, hint }]);
  }
}

/** One fault as people read it: where, which key, what, and below it the way out. */
export function formatIssue({ where, path, message, hint }: ConfigIssue): string {
  const key = path.join('.');
  const places = [where, where === `--set ${key}` ? '' : key].filter(Boolean);
  return `${[...places, message].join(': ')}${hint ? `\n  ${hint}` : ''}`;
}

/**
 * A data file is missing, truncated or not what it claims to be. Exit code 2.
 * Cause: a download that stopped half-way, or images of one file with the labels of another.
 */
export class DataError extends AuxflowError {
  readonly code: string;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Training stopped being sound or possible: a non-finite loss, a stage that threw. Exit code 1.
 * Cause of a non-finite loss is most often a learning rate that is too high.
 */
export class RunError extends AuxflowError {
  readonly code: string;
  /** The stage or phase at fault, such as `loss` or `meta-step`. */
  readonly stage: string | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown; stage?: string } = {}) {
    super(message, options);
    this.code = code;
    this.stage = options.stage;
  }
}

/**
 * A plugin can't be loaded or used. Exit code 2.
 * Cause: two plugins of one name, a missing `requires`, an `apiVersion` of another auxflow.
 */
export class PluginError extends AuxflowError {
  readonly code: string;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** What an event or a JSON report says of an error. */
export interface ErrorReport {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly stage?: string;
  readonly stack?: string;
}

export function reportError(error: unknown): ErrorReport {
  if (!(error instanceof Error)) return { name: 'Error', code: 'internal', message: String(error) };
  return {
    name: error.name,
    code: error instanceof AuxflowError ? error.code : 'internal',
    message: error.message,
    ...(error instanceof AuxflowError && error.hint ? { hint: error.hint } : {}),
    ...(error instanceof RunError && error.stage ? { stage: error.stage } : {}),
    ...(error.stack ? { stack: error.stack } : {}),
  };
}
