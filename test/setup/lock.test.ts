import { expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { withLock } from '../../bin/setup/lock.mjs';

test('work under one lock never overlaps, and waiting is announced', async () => {
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await setTimeout(20);
    log.push(`${name} ends`);
  };
  const folder = `lock-test-${process.pid}`;
  await Promise.all([
    withLock(folder, () => log.push('a waits'), work('a')),
    withLock(folder, () => log.push('b waits'), work('b')),
    withLock(
      `${folder}-other`,
      () => log.push('other waits'),
      async () => {},
    ),
  ]);
  expect(log.filter((line) => line.endsWith('waits'))).toEqual(['b waits']);
  expect(log.filter((line) => !line.endsWith('waits'))).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('work that throws releases the lock', async () => {
  const folder = `lock-test-throws-${process.pid}`;
  const failing = withLock(
    folder,
    () => {},
    () => Promise.reject(new Error('broken')),
  );
  await expect(failing).rejects.toThrow('broken');
  await withLock(
    folder,
    () => expect('waiting').toBe('never'),
    async () => {},
  );
});
