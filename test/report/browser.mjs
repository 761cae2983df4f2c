// Checks a report in a real browser: `node test/report/browser.mjs report.html [folder for screenshots]`.
// Needs Chromium (`CHROMIUM=/path`, or `chromium` on the path); talks to it over its debugging pipe.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file = 'report.html', screenshots] = process.argv.slice(2);
const profile = await mkdtemp(join(tmpdir(), 'auxflow-browser-'));
const browser = spawn(
  process.env.CHROMIUM ?? 'chromium',
  ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', `--user-data-dir=${profile}`],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
);

/** @type {Map<number, (message: any) => void>} */
const waiting = new Map();
/** @type {any[]} */
const events = [];
let last = 0;
let buffer = '';
/** @type {any} */ (browser.stdio[4]).on('data', (/** @type {Buffer} */ chunk) => {
  buffer += chunk.toString();
  const messages = buffer.split('\0');
  buffer = messages.pop() ?? '';
  for (const text of messages) {
    const message = JSON.parse(text);
    if (message.id) waiting.get(message.id)?.(message);
    else events.push(message);
  }
});

/** @returns {Promise<any>} */
const send = (
  /** @type {string} */ method,
  /** @type {object} */ params = {},
  /** @type {string | undefined} */ sessionId = undefined,
) =>
  new Promise((done, fail) => {
    waiting.set(++last, ({ result, error }) => (error ? fail(new Error(`${method}: ${error.message}`)) : done(result)));
    /** @type {any} */ (browser.stdio[3]).write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
  });

const examine = await readFile(new URL('../fixtures/report/examine.js', import.meta.url), 'utf8');

/** @type {string[]} */
const faults = [];
try {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call = (/** @type {string} */ method, params = {}) => send(method, params, sessionId);
  const evaluate = async (/** @type {string} */ expression) =>
    (await call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })).result.value;
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await call(`${domain}.enable`);
  if (screenshots) await mkdir(screenshots, { recursive: true });

  for (const width of [1280, 768, 360]) {
    for (const scheme of ['light', 'dark']) {
      await call('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: width < 500,
      });
      await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      await call('Page.navigate', { url: pathToFileURL(resolve(file)).href });
      await evaluate(
        "new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))",
      );
      const found = await evaluate(examine);
      faults.push(...found.map((/** @type {string} */ fault) => `${width} ${scheme}: ${fault}`));
      if (!screenshots) continue;
      const { data } = await call('Page.captureScreenshot', { captureBeyondViewport: true, format: 'png' });
      await writeFile(join(screenshots, `${width}-${scheme}.png`), Buffer.from(data, 'base64'));
    }
  }
  const turned = await evaluate(
    "(() => { const scheme = () => getComputedStyle(document.documentElement).colorScheme; const before = scheme(); document.querySelector('.toggle').click(); return before !== scheme(); })()",
  );
  if (!turned) faults.push("the button doesn't change the theme");
  for (const { method, params } of events) {
    const url = params?.request?.url ?? '';
    if (method === 'Network.requestWillBeSent' && !/^(file|data):/.test(url)) faults.push(`requests ${url}`);
    if (method === 'Runtime.exceptionThrown') faults.push(params.exceptionDetails.text);
    if (method === 'Log.entryAdded') faults.push(params.entry.text);
  }
} finally {
  browser.kill();
  await new Promise((done) => browser.once('exit', done));
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.stdout.write(faults.length > 0 ? `${faults.join('\n')}\n` : 'no faults\n');
process.exitCode = faults.length > 0 ? 1 : 0;
