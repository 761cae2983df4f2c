import { describe, expect, it, jest } from '@jest/globals';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { parity } from '../../plugins/maxl/parity/main.js';

/** Exit code and standard output of the command. */
async function command(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await parity(argv, builtIn, defaults), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('npm run parity', () => {
  it('prints a table, or JSON, and exits 0 when all is within tolerance', async () => {
    const file = 'test/fixtures/maxl-reference-b.json';
    const table = await command(file);
    expect(table.code).toBe(0);
    expect(table.stdout).toMatch(/meta-gradient .*e-\d[\s\S]*largest .*within 2\.04e-4\n$/);
    const json = await command(file, '--json');
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ passed: true, errors: { 'meta-gradient': expect.any(Number) } });
  });

  it('exits 2 for a bad call or file, and says what to do', async () => {
    expect(await command('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('usage') });
    expect(await command()).toMatchObject({ code: 2, stderr: expect.stringContaining('usage') });
    expect(await command('nowhere.json')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/nowhere\.json.*ENOENT/),
    });
    const json = await command('package.json', '--json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'data/trace' } });
  });
});
