import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** A folder that lasts as long as the test file; `write` puts a file there and returns its path. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'auxflow-datasets-'));
  afterAll(() => rmSync(path, { recursive: true }));
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(path, name), bytes);
    return join(path, name);
  };
  return { path, write };
}
