import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled } from '../../bin/setup/dependencies.mjs';
import { Clone } from './clone.js';

const lockfile = (packages: Record<string, object>) => JSON.stringify({ packages });
const rxjs = { version: '7.8.2', integrity: 'sha512-a' };

test.each([
  ['the same packages', { 'node_modules/rxjs': rxjs }, true],
  ['one more package', { 'node_modules/rxjs': rxjs, 'node_modules/zod': rxjs }, true],
  ['no packages', {}, false],
  ['another version', { 'node_modules/rxjs': { ...rxjs, version: '7.8.1' } }, false],
  ['other contents', { 'node_modules/rxjs': { ...rxjs, integrity: 'sha512-b' } }, false],
])('node_modules with %s as the lockfile', async (_, present, installed) => {
  using clone = new Clone();
  const otherPlatform = { version: '1.0.0', optional: true };
  clone.write(
    'package-lock.json',
    lockfile({ '': {}, 'node_modules/rxjs': rxjs, 'node_modules/other': otherPlatform }),
  );
  clone.write('node_modules/.package-lock.json', lockfile(present));
  expect(await isInstalled(clone.root)).toBe(installed);
});

/** A clone whose node_modules is out of date. */
function outdated(npm: string): Clone {
  const clone = new Clone();
  clone.write('package-lock.json', lockfile({ 'node_modules/rxjs': rxjs }));
  clone.command(
    'npm',
    `fs.rmSync('node_modules', { recursive: true }); fs.mkdirSync('node_modules/half', { recursive: true }); ${npm}`,
  );
  return clone;
}

test.each([
  ['no network', 'npm error code ENOTFOUND', 'npm cannot reach its registry'],
  ['a changed package', 'npm error code EINTEGRITY', 'not the one that package-lock.json expects'],
  ['something else', 'npm error code E500', 'npm could not install the dependencies'],
])('after npm failed for %s, nothing half-installed is left', (_, npmSays, weSay) => {
  using clone = outdated(`console.error('${npmSays}'); process.exit(1);`);
  const { code, output } = clone.setup();
  expect(code).toBe(1);
  expect(output).toContain(weSay);
  expect(output).toContain(npmSays);
  expect(existsSync(join(clone.root, 'node_modules'))).toBe(false);
});

test('after Ctrl-C during npm ci, nothing half-installed is left', async () => {
  using clone = outdated('setTimeout(() => {}, 60_000);');
  const { code } = await clone.interrupted('SIGINT', 'running npm ci');
  expect(code).toBe(130);
  expect(existsSync(join(clone.root, 'node_modules', 'half'))).toBe(false);
});

test('npm that failed before it touched anything costs no packages', () => {
  using clone = new Clone();
  clone.write('package-lock.json', lockfile({ 'node_modules/rxjs': rxjs }));
  clone.command('npm', `console.error('npm error code EUSAGE'); process.exit(1);`);
  const { code, output } = clone.setup();
  expect(code).toBe(1);
  expect(output).toContain('do not fit together');
  expect(existsSync(clone.engine)).toBe(true);
});

test('no npm', () => {
  using clone = new Clone();
  clone.write('package-lock.json', lockfile({ 'node_modules/rxjs': rxjs }));
  expect(clone.setup()).toMatchObject({ code: 1, output: expect.stringContaining('npm is missing') });
});
