import { fileURLToPath } from 'node:url';
import { main as cli } from '../core/cli/index.js';
import { builtIn, controls, defaults } from './built-in.js';

const example = fileURLToPath(new URL('../../pipelines/quickstart.yaml', import.meta.url));

/** The command line with the built-in plugins; resolves to the exit code. */
export const main = (argv: readonly string[]): Promise<number> =>
  cli([...argv], { plugins: builtIn, defaults, controls, example });
