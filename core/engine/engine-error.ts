import { AuxflowError } from '../errors/index.js';

/**
 * The TensorFlow engine is absent or cannot be loaded. Exit code 1.
 * Cause: `npm ci` without the set-up, or a node_modules copied from another machine.
 */
export class EngineError extends AuxflowError {
  readonly code = 'engine/missing';

  constructor(message: string, { remedy = 'Run', cause }: { remedy?: string; cause?: unknown } = {}) {
    super(message, {
      hint: `${remedy} \`npm run setup\` in a clone of auxflow, \`npx auxflow setup\` elsewhere.`,
      cause,
    });
  }
}
