import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Folder } from '../config/folder.js';
import { command, drawPictures, inputsOf, sizes, train } from '../trained/pictures.js';
import { describeUnless } from './cached.js';
import { findChromium } from './chromium.js';

const root = join(import.meta.dirname, '../..');
const chromium = await findChromium();

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

/** Loads the model beside it with tfjs alone, predicts, and sends home what came of it. */
const page = (inputs: { shape: readonly number[]; values: readonly number[] }): string => `<!doctype html>
<script src="/tf.min.js"></script>
<script type="module">
  const send = (said) => fetch('/said', { method: 'POST', body: JSON.stringify(said) });
  try {
    await tf.setBackend('cpu');
    const model = await tf.loadLayersModel('/model.json');
    const { shape, values } = ${JSON.stringify(inputs)};
    await send({ backend: tf.getBackend(), values: [...(await model.predict(tf.tensor(values, shape)).data())] });
  } catch (error) {
    await send({ error: String(error) });
  }
</script>`;

/** Opens a page in headless Chromium; settles with what it posts to `/said`. */
async function inBrowser(files: Readonly<Record<string, string | Buffer>>): Promise<unknown> {
  let said: (value: unknown) => void = () => undefined;
  const heard = new Promise<unknown>((resolve) => (said = resolve));
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      if (request.url === '/said') said(JSON.parse(Buffer.concat(body).toString()));
      const file = files[request.url ?? ''];
      const type = request.url === '/' ? 'text/html' : 'application/octet-stream';
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': type }).end(file);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  using profile = new Folder();
  const browser = spawn(
    chromium.command,
    ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile.path}`, `http://127.0.0.1:${port}/`],
    { stdio: 'ignore', env: chromium.env },
  );
  const ended = new Promise((resolve) => browser.once('exit', resolve));
  try {
    return await Promise.race([
      heard,
      ended.then((code) => Promise.reject(new Error(`Chromium ended with ${String(code)}`))),
    ]);
  } finally {
    browser.kill();
    await ended;
    server.closeAllConnections();
    server.close();
  }
}

describeUnless(chromium.missing, 'a model in headless Chromium', () => {
  beforeAll(async () => {
    await drawPictures(folder);
    await train(folder, 'colours');
  });

  it('predicts what auxflow predicts', async () => {
    const pictures = ['warm/red', 'warm/orange', 'cold/blue', 'cold/green'].flatMap((classes) =>
      Array.from({ length: sizes.test }, (_, n) => `pictures/test/${classes}/${n}.png`),
    );
    const predicted = await command(folder, 'predict', 'colours/001', ...pictures, '--json');
    const { predictions } = JSON.parse(predicted.stdout) as { predictions: { probabilities: number[] }[] };
    const own = predictions.flatMap(({ probabilities }) => probabilities);
    expect((await command(folder, 'export', 'colours/001', '--out', 'model')).code).toBe(0);
    const exported = (name: string): Buffer => readFileSync(join(folder.path, 'model', name));

    const said = (await inBrowser({
      '/': page(await inputsOf(folder, pictures, exported('model.json').toString())),
      '/tf.min.js': readFileSync(join(root, 'node_modules/@tensorflow/tfjs/dist/tf.min.js')),
      '/model.json': exported('model.json'),
      '/weights.bin': exported('weights.bin'),
    })) as { backend: string; values: number[] };
    expect(said).toMatchObject({ backend: 'cpu', values: expect.any(Array) });
    expect(said.values).toHaveLength(own.length);
    const difference = Math.max(...said.values.map((value, i) => Math.abs(value - own[i]!)));
    expect(difference).toBeLessThan(1e-5);
  }, 180_000);
});
