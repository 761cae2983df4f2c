#!/usr/bin/env node
// `setup` must run before anything is installed or built; every other verb is in the built files.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = new URL('../dist/plugins/main.js', import.meta.url);
const [verb, ...options] = process.argv.slice(2);

if (verb === 'setup') {
  const { setup } = await import('./setup/setup.mjs');
  process.exitCode = await setup(root, options);
} else if (!existsSync(built)) {
  console.error(
    existsSync(join(root, 'package-lock.json'))
      ? 'auxflow is not set up yet: run `npm run setup`'
      : 'auxflow was packed before it was built: in its clone run `npm run pack`, then install that package',
  );
  process.exitCode = 1;
} else {
  try {
    const { main } = await import(built.href);
    process.exitCode = await main(process.argv.slice(2));
  } catch (/** @type {any} */ error) {
    // The engine is missing: its error says what to do.
    console.error(error.hint ? `${error.message}\n${error.hint}` : error);
    process.exitCode = 1;
  }
}
