import { describe, expect, test } from '@jest/globals';
import { Clone } from './clone.js';

// Elsewhere tfjs-node's own installer runs.
const onLinux = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

onLinux('where the engine cannot be prepared, the set-up says why and leaves nothing behind', () => {
  test('no compiler', () => {
    using clone = new Clone();
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toContain('a C++ compiler is missing');
    expect(output).toContain('apt-get install g++');
    expect(clone.remains).toEqual(['package.json']);
  });

  test('no pip', () => {
    using clone = new Clone();
    clone.command('g++', '');
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toContain('pip is missing');
    expect(output).toContain('apt-get install python3-pip');
    expect(output).toContain('AUXFLOW_TENSORFLOW_WHEEL');
    expect(clone.remains).toEqual(['package.json']);
  });

  test.each([
    ['no network', 'Retrying (Retry(total=4)) after connection broken by NewConnectionError', 'cannot reach'],
    ['an incomplete index', 'ERROR: No matching distribution found for tensorflow-cpu', 'does not offer'],
    ['a full disk', 'OSError: [Errno 28] No space left on device', 'the disk is full'],
  ])('%s', (_, pipSays, weSay) => {
    using clone = new Clone();
    clone.command('g++', '');
    clone.command('pip', `console.error(${JSON.stringify(pipSays)}); process.exit(1);`);
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toContain(weSay);
    expect(clone.remains).toEqual(['package.json']);
  });

  test('a download that was changed on its way', () => {
    using clone = new Clone();
    clone.command('g++', '');
    clone.command('pip', `fs.writeFileSync(args.find((a) => a.startsWith('--dest=')).slice(7) + '/x.whl', 'changed');`);
    const { code, output } = clone.setup();
    expect(code).toBe(1);
    expect(output).toMatch(/sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}/);
    expect(clone.remains).toEqual(['package.json']);
  });

  test('a signal during the download', async () => {
    using clone = new Clone();
    clone.command('g++', '');
    clone.command('pip', `setTimeout(() => {}, 60_000);`);
    const { code, output } = await clone.interrupted('SIGTERM', 'downloading');
    expect(code).toBe(143);
    expect(output).toContain('interrupted by SIGTERM');
    expect(clone.remains).toEqual(['package.json']);
  });
});

test('a Node that is too old is refused by its version', () => {
  using clone = new Clone({ node: '>=99.1' });
  const { code, output } = clone.setup();
  expect(code).toBe(1);
  expect(output).toContain('auxflow needs Node 99.1 or newer');
});

test('an unknown option is refused', () => {
  using clone = new Clone();
  expect(clone.setup('--quite')).toMatchObject({ code: 2, output: expect.stringContaining('unknown option: --quite') });
});
