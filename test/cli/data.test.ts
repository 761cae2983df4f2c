import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { definePlugin, type DataFile, type Plugin } from '../../core/plugins/index.js';
import { fakes } from '../config/fake-plugins.js';
import { auxflow, Signals } from './command-line.js';
import { FileServer, type Served } from './data/file-server.js';
import { archiveOf } from './data/tar-bytes.js';

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i + 7 * i) % 251));
const md5 = (content: Uint8Array) => createHash('md5').update(content).digest('hex');

let server: FileServer;
let folder: string;
beforeEach(async () => {
  server = await new FileServer().start();
  folder = mkdtempSync(join(tmpdir(), 'auxflow-data-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** A plugin whose dataset `shapes` is one file, `shapes.bin`. */
const plugin = (file: Partial<DataFile> = {}, elsewhere?: string): Plugin =>
  definePlugin({
    name: 'shapes',
    apiVersion: 1,
    data: {
      shapes: {
        description: 'round and square',
        licence: 'none',
        home: 'https://example.org',
        ...(elsewhere !== undefined && { elsewhere }),
        files: [{ file: 'shapes.bin', url: server.url('/shapes'), md5: md5(bytes), bytes: bytes.length, ...file }],
      },
    },
    stages: {},
  });

const cli = (argv: readonly string[], file?: Partial<DataFile>, options = {}) =>
  auxflow(['data', ...argv], { plugins: [...fakes, plugin(file)], env: { AUXFLOW_DATA: folder }, ...options });
const fetchShapes = (file?: Partial<DataFile>, ...argv: string[]) => cli(['fetch', 'shapes', ...argv], file);
const serve = (how: Partial<Served> = {}) => server.files.set('/shapes', { bytes, ...how });

const inside = (name = '') => join(folder, 'shapes', name);
const content = () => (existsSync(inside()) ? readdirSync(inside()).sort() : []);
const left = (text: string | Uint8Array, pid = process.pid) => {
  mkdirSync(inside(), { recursive: true });
  writeFileSync(inside(`shapes.bin.${pid}.part`), text);
};

async function expectWhole(answer: Promise<{ code: number; stderr: string }>) {
  expect(await answer).toMatchObject({ code: 0 });
  expect(content()).toEqual(['shapes.bin']);
  expect(readFileSync(inside('shapes.bin')).equals(bytes)).toBe(true);
}

describe('auxflow data fetch', () => {
  it('puts a file where its dataset looks for it, and says so', async () => {
    serve();
    const { code, stdout, stderr } = await fetchShapes();
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `shapes is in ${inside()}\n`,
      stderr: 'shapes.bin  300 kB  downloaded\n',
    });
    await expectWhole(fetchShapes());
    expect(server.requests).toEqual(['/shapes']);
  });

  it('puts it into a folder of choice, and prints JSON', async () => {
    serve();
    const { stdout } = await cli(['fetch', 'shapes', '--to', 'mine', '--json'], {}, { cwd: folder });
    const path = join(folder, 'mine', 'shapes.bin');
    expect(JSON.parse(stdout)).toEqual({
      name: 'shapes',
      folder: join(folder, 'mine'),
      files: [{ path, bytes: bytes.length, status: 'downloaded' }],
    });
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('follows redirects, and takes up a connection that breaks', async () => {
    server.files.set('/shapes', { redirect: server.url('/elsewhere') });
    server.files.set('/elsewhere', { bytes, cuts: [100_000, 50_000] });
    await expectWhole(fetchShapes());
    const [first, second, third] = server.requests.filter((request) => request.startsWith('/elsewhere'));
    expect([first, second, third]).toEqual(['/elsewhere', '/elsewhere bytes=100000-', '/elsewhere bytes=150000-']);
  });

  it('notices a connection that breaks without a word', async () => {
    serve({ cuts: [1000], lengthless: true });
    await expectWhole(fetchShapes());
    expect(server.requests).toHaveLength(2);
  });

  it('gives up in the end, keeps what has arrived, and goes on from there next time', async () => {
    serve({ cuts: [1000, 1000, 1000, 1000, 1000] });
    const { code, stderr } = await fetchShapes();
    expect(code).toBe(2);
    expect(stderr).toContain('the connection broke after 1000 bytes');
    expect(stderr).toContain(`shapes.bin  from ${server.url('/shapes')}  (300 kB, md5 ${md5(bytes)})`);
    expect(content()).toEqual([`shapes.bin.${process.pid}.part`]);
    await expectWhole(fetchShapes());
    expect(server.requests.at(-1)).toBe('/shapes bytes=5000-');
  });

  it('begins anew where the server knows no ranges', async () => {
    serve({ ranges: false, cuts: [1000] });
    await expectWhole(fetchShapes());
    expect(server.requests).toEqual(['/shapes', '/shapes bytes=1000-']);
  });

  it('begins anew where what was left is of another file, longer or shorter', async () => {
    serve();
    for (const size of [1000, bytes.length, bytes.length + 1]) {
      left(Buffer.alloc(size, 1));
      await expectWhole(fetchShapes());
      rmSync(inside(), { recursive: true });
    }
  });

  it('finishes without a request where all had arrived', async () => {
    left(bytes);
    await expectWhole(fetchShapes());
    expect(server.requests).toEqual([]);
  });

  it("takes over what an ended process left, and leaves a running one's alone", async () => {
    serve();
    left(bytes.subarray(0, 1000), 2 ** 22 + 1);
    await expectWhole(fetchShapes());
    expect(server.requests).toEqual(['/shapes bytes=1000-']);
    rmSync(inside('shapes.bin'));
    left(bytes.subarray(0, 1000), process.ppid);
    expect(await fetchShapes()).toMatchObject({ code: 0 });
    expect(content()).toEqual(['shapes.bin', `shapes.bin.${process.ppid}.part`]);
    expect(server.requests.at(-1)).toBe('/shapes');
  });

  it('goes on from nothing where no checksum could tell', async () => {
    serve();
    left(Buffer.alloc(1000, 1));
    await expectWhole(fetchShapes({ md5: undefined }));
    expect(server.requests).toEqual(['/shapes']);
  });

  it('refuses what is not the published file, and keeps none of it', async () => {
    const login = Buffer.from('<html>please log in</html>');
    const cases: [Uint8Array, Partial<DataFile>, string][] = [
      [Buffer.alloc(bytes.length), {}, `its md5 is ${md5(Buffer.alloc(bytes.length))}, expected ${md5(bytes)}`],
      [login, {}, `it has ${login.length} bytes, expected ${bytes.length}`],
      [Buffer.concat([bytes, bytes, bytes]), {}, 'bytes, expected 300000'],
      [bytes, { sha256: 'ab'.repeat(32) }, `expected ${'ab'.repeat(32)}`],
    ];
    for (const [sent, file, message] of cases) {
      // What is too long isn't read to its end, which may never come.
      serve({ bytes: sent, ...(sent.length > bytes.length && { stallAfter: bytes.length + 1000 }) });
      const { code, stdout, stderr } = await fetchShapes(file);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`${server.url('/shapes')}: not the published file`);
      expect(stderr).toContain(message);
      expect(content()).toEqual([]);
    }
  });

  it('refuses a file of that name that is another, and leaves it as it is', async () => {
    mkdirSync(inside());
    writeFileSync(inside('shapes.bin'), 'mine');
    const { code, stderr } = await fetchShapes();
    expect(code).toBe(2);
    expect(stderr).toContain(`${inside('shapes.bin')}: not the published file: it has 4 bytes, expected 300000`);
    expect(readFileSync(inside('shapes.bin'), 'utf8')).toBe('mine');
    expect(server.requests).toEqual([]);
  });

  it('says what to do by hand where the server refuses or is not there', async () => {
    const { code, stderr } = await fetchShapes();
    expect(code).toBe(2);
    expect(stderr).toContain(`${server.url('/shapes')}: the server answers 404 Not Found`);
    expect(stderr).toContain(`put into ${inside()}`);
    expect(stderr).toContain('`auxflow data fetch shapes` verifies what is there.');
    const gone = await new FileServer().start();
    const url = gone.url('/shapes');
    await gone[Symbol.asyncDispose]();
    const { stdout } = await fetchShapes({ url }, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'data/unreachable',
        message: expect.stringContaining('ECONNREFUSED'),
        hint: expect.stringContaining('Without network'),
      },
    });
    expect(content()).toEqual([]);
  });

  it('mentions a proxy that Node does not heed', async () => {
    const env = { AUXFLOW_DATA: folder, HTTPS_PROXY: 'http://proxy:1' };
    expect((await cli(['fetch', 'shapes'], {}, { env })).stderr).toContain('NODE_USE_ENV_PROXY=1');
    const heeded = { ...env, NODE_USE_ENV_PROXY: '1' };
    expect((await cli(['fetch', 'shapes'], {}, { env: heeded })).stderr).not.toContain('NODE_USE_ENV_PROXY');
  });

  it('says so where it cannot write', async () => {
    serve();
    writeFileSync(join(folder, 'file'), '');
    const below = await cli(['fetch', 'shapes', '--to', join(folder, 'file', 'below')]);
    expect(below).toMatchObject({ code: 2, stderr: expect.stringContaining('ENOTDIR') });
    mkdirSync(inside(`shapes.bin.${process.pid}.part`), { recursive: true });
    const { code, stderr } = await fetchShapes();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/shapes\.bin: EISDIR[^]*--to/) });
  });

  it('stops at a signal, keeps what has arrived, and goes on later', async () => {
    serve({ stallAfter: 1000 });
    const signals = new Signals();
    const stopping = cli(['fetch', 'shapes'], {}, { process: signals });
    while (!content().some((name) => readFileSync(inside(name)).length === 1000))
      await new Promise((next) => setTimeout(next, 10));
    signals.emit('SIGINT', 'SIGINT');
    const { code, stderr } = await stopping;
    expect(code).toBe(130);
    expect(stderr).toContain('the same command goes on from there');
    serve();
    await expectWhole(fetchShapes());
    expect(server.requests.at(-1)).toBe('/shapes bytes=1000-');
  });
});

describe('auxflow data fetch of an archive', () => {
  const archive = archiveOf({ 'shapes/round/1.png': 'one', 'shapes/2.png': 'two', LICENSE: 'free' });
  const file = { file: 'shapes.tar.gz', md5: md5(archive), bytes: archive.length, unpackTo: 'shapes' };
  const unpacked = () =>
    ['round/1.png', '2.png', 'LICENSE'].map((name) => readFileSync(inside(`shapes/${name}`), 'utf8'));

  it('unpacks it and keeps the files alone', async () => {
    serve({ bytes: archive, cuts: [100] });
    const { stderr } = await fetchShapes(file);
    expect(stderr).toBe('shapes.tar.gz  1 kB  unpacked\n');
    expect(content()).toEqual(['shapes']);
    expect(unpacked()).toEqual(['one', 'two', 'free']);
    expect((await fetchShapes(file)).stderr).toBe('shapes.tar.gz  present\n');
  });

  it('unpacks one that was put there by hand, once it is verified', async () => {
    mkdirSync(inside());
    writeFileSync(inside('shapes.tar.gz'), archive.subarray(1));
    expect((await fetchShapes(file)).stderr).toContain('Delete it and fetch again.');
    writeFileSync(inside('shapes.tar.gz'), archive);
    expect(await fetchShapes(file)).toMatchObject({ code: 0 });
    expect(content()).toEqual(['shapes', 'shapes.tar.gz']);
    expect(unpacked()).toEqual(['one', 'two', 'free']);
    expect(server.requests).toEqual([]);
  });

  it('leaves no folder where the archive is damaged', async () => {
    for (const broken of [archive.subarray(0, -20), Buffer.from('no gzip'), archiveOf({ 'a/../../b': 'x' })]) {
      serve({ bytes: broken });
      expect(await fetchShapes({ ...file, md5: md5(broken), bytes: broken.length })).toMatchObject({ code: 2 });
      expect(content().filter((name) => !name.endsWith('.part'))).toEqual([]);
      rmSync(inside(), { recursive: true });
    }
  });
});

describe('auxflow data', () => {
  it('lists the datasets and which are here', async () => {
    serve();
    expect((await cli(['list'])).stdout).toBe('shapes             300 kB  absent    round and square (none)\n');
    await fetchShapes();
    const { stdout } = await cli(['list', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      datasets: [
        {
          name: 'shapes',
          description: 'round and square',
          licence: 'none',
          home: 'https://example.org',
          bytes: bytes.length,
          folder: inside(),
          state: 'here',
        },
      ],
    });
  });

  it("finds a dataset's files in a system package's folder too", async () => {
    const packaged = join(folder, 'packaged');
    const list = async () => {
      const { stdout } = await cli(['list', '--json'], {}, { plugins: [...fakes, plugin({}, packaged)] });
      return (JSON.parse(stdout) as { datasets: object[] }).datasets[0];
    };
    expect(await list()).toMatchObject({ state: 'absent', folder: inside() });
    mkdirSync(packaged, { recursive: true });
    writeFileSync(join(packaged, 'shapes.bin'), bytes);
    expect(await list()).toMatchObject({ state: 'here', folder: packaged });
  });

  it('knows no other names', async () => {
    expect(await cli(['fetch', 'shape'])).toMatchObject({
      code: 2,
      stderr: 'error: unknown dataset "shape"; did you mean "shapes"? (data/unknown-source)\n  Known: shapes.\n',
    });
    const [name] = fakes.flatMap(({ stages }) => stages.dataset ?? []);
    expect((await cli(['fetch', name!.name])).stderr).toContain(
      `The dataset "${name!.name}" has no files to download.`,
    );
  });

  it('refuses two plugins that bring one name', async () => {
    const twice = [...fakes, plugin(), { ...plugin(), name: 'others' }];
    expect(await auxflow(['data', 'list'], { plugins: twice })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Plugin "others" brings a second data source named "shapes".'),
    });
    writeFileSync(join(folder, 'others.mjs'), `export default ${JSON.stringify({ ...plugin(), name: 'others' })};`);
    writeFileSync(join(folder, 'p.yaml'), 'plugins: [./others.mjs]');
    expect(await cli(['list', '--pipeline', join(folder, 'p.yaml')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/p\.yaml:1:11: Plugin "others" brings a second data source/),
    });
  });

  it.each([{ file: '../shapes' }, { file: '..' }, { url: 'shapes' }, { unpackTo: 'a/b' }])(
    'refuses a source with %j',
    async (file) => {
      const { code, stderr } = await cli(['list'], file);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining('The data source "shapes" of plugin "shapes"'),
      });
    },
  );
});
