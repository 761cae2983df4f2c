import { expect, test } from '@jest/globals';
import { sourceHash } from '../../bin/setup/build.mjs';
import { Clone } from './clone.js';

test('the build is due when a source, a dependency or a compiler option changed, and only then', async () => {
  using clone = new Clone();
  for (const file of ['core/a.ts', 'plugins/b.ts', 'tsconfig.json', 'tsconfig.build.json']) clone.write(file, '1');
  const seen = [await sourceHash(clone.root)];

  clone.write('core/README.md', 'no source');
  clone.write('core/a.ts', '1');
  expect(await sourceHash(clone.root)).toBe(seen[0]);

  for (const file of ['core/a.ts', 'core/new.ts', 'plugins/b.ts', 'tsconfig.json', 'package-lock.json']) {
    clone.write(file, '2');
    seen.push(await sourceHash(clone.root));
  }
  expect(new Set(seen).size).toBe(6);
});
