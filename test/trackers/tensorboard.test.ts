import { appendFileSync, existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { from, Subject } from 'rxjs';
import sharp from 'sharp';
import type { PipelineSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { TensorBoard } from '../../plugins/trackers/tensorboard.js';
import { Folder } from '../config/folder.js';
import { end, epoch, record, start, summary } from '../observers/recorded.js';
import { directoryOf, go } from './interrupted.js';
import { eventFiles, readEvents, type Read } from './read-events.js';

let folder: Folder;
beforeEach(() => void (folder = new Folder()));
afterEach(() => folder[Symbol.dispose]());

/** The recorded run with a folder and label use. */
function recorded(): RunEvent[] {
  const events = record([start, ...epoch(1), ...epoch(2), end]);
  return events.map((event) => {
    if (event.type === 'run:start') return { ...event, directory: join(folder.path, 'run', '007') };
    return event.type === 'epoch:end' ? { ...event, labelUse: summary.labelUse! } : event;
  });
}
const place = (): string => join(folder.path, 'run', '007', 'tensorboard');
const points = (read: readonly Read[], tag: string) =>
  read.filter((one) => one.tag === tag).map(({ step, value }) => [step, value]);

describe('tensorboard', () => {
  it('writes scalars and histograms beside the run', async () => {
    await new TensorBoard({ every: 1 }).observe(from(recorded()));
    const read = readEvents(place());
    expect(points(read, 'epoch/primaryAccuracy')).toEqual([
      [1, Math.fround(0.8812)],
      [2, Math.fround(0.8812)],
    ]);
    expect(points(read, 'step/train/primaryLoss')).toHaveLength(4);
    const { histogram, step, time } = read.find(({ tag }) => tag === 'labels/even')!;
    expect({ step, time }).toEqual({ step: 1, time: recorded().find(({ type }) => type === 'epoch:end')!.time / 1000 });
    expect(histogram).toMatchObject({ min: -0.5, max: 4.5, num: 100, limits: [0.5, 1.5, 2.5, 3.5, 4.5] });
    histogram!.counts.forEach((count, k) => expect(count).toBeCloseTo(100 * summary.labelUse![0]!.shares[k]!, 9));
    expect(histogram!.sum).toBeCloseTo(30 + 2 * 20 + 3 * 6 + 4 * 6, 9);
    expect(histogram!.sumSquares).toBeCloseTo(30 + 4 * 20 + 9 * 6 + 16 * 6, 9);
  });

  it('shows an epoch as soon as it has ended, and what goes before a failure', async () => {
    const events = new Subject<RunEvent>();
    const written = new TensorBoard({ every: 1 }).observe(events);
    const all = recorded();
    const last = all.findIndex(({ type }) => type === 'epoch:end');
    all.slice(0, last + 1).forEach((event) => events.next(event));
    expect(points(readEvents(place()), 'epoch/primaryLoss')).toHaveLength(1);
    events.next(all[last + 2]!);
    events.error(new Error('loss is NaN'));
    await expect(written).rejects.toThrow('NaN');
    expect(points(readEvents(place()), 'step/train/primaryLoss')).toHaveLength(3);
  });

  it('writes runs into one folder by name and number, and never over another run', async () => {
    const shared = join(folder.path, 'all');
    await new TensorBoard({ every: 0, folder: shared }).observe(from(recorded()));
    const own = join(shared, 'mnist-parity', '007');
    expect(readEvents(own)).toHaveLength(2 * (7 + 1));
    const other = recorded().map((event) =>
      event.type === 'run:start' ? { ...event, directory: join(folder.path, 'elsewhere', '007') } : event,
    );
    await expect(new TensorBoard({ every: 0, folder: shared }).observe(from(other))).rejects.toMatchObject({
      code: 'tensorboard/taken',
    });
    expect(readEvents(own)).toHaveLength(2 * (7 + 1));
  });

  // There Node's own recursive mkdir never returns.
  (existsSync('/proc/self') ? it : it.skip)('fails where nobody can make folders', async () => {
    const board = new TensorBoard({ every: 0, folder: '/proc/all' });
    await expect(board.observe(from(recorded()))).rejects.toThrow(
      "ENOENT: no such file or directory, mkdir '/proc/all'",
    );
  });

  it('says that it needs a run folder', async () => {
    const events = from(record([start]));
    await expect(new TensorBoard({ every: 1 }).observe(events)).rejects.toMatchObject({
      code: 'tensorboard/no-folder',
    });
  });
});

const timeless = (read: readonly Read[]): object[] => read.map((one) => ({ ...one, time: 0 }));

describe('a resumed run', () => {
  const runs = new Folder();
  const changes: PipelineSpec = { observers: [{ use: 'tensorboard', every: 1 }], runs: runs.path };
  let events: number;
  let expected: object[];
  beforeAll(async () => {
    const whole = await go(changes);
    events = whole.length;
    expected = timeless(readEvents(join(directoryOf(whole), 'tensorboard')));
    expect(expected.length).toBeGreaterThan(60);
  });
  afterAll(() => runs[Symbol.dispose]());

  it.each([
    ['stopped', 1 / 3, false],
    ['killed within an epoch', 2 / 3, true],
    ['killed at its end', 1, true],
  ])('leaves what an unbroken one does: %s, and killed once more', async (_, part, leave) => {
    const until = Math.floor(part * (events - 7));
    const directory = directoryOf(await go(changes, { until, leave }));
    await go(changes, { until: until + 4, leave: true, resume: directory });
    await go(changes, { resume: directory });
    expect(timeless(readEvents(join(directory, 'tensorboard')))).toEqual(expected);
  });

  it('tells the epochs from before once more where the files are damaged', async () => {
    const directory = directoryOf(await go(changes, { until: events - 2, leave: true }));
    const written = join(directory, 'tensorboard');
    truncateSync(join(written, eventFiles(written)[0]!), 60);
    await go(changes, { resume: directory });
    const epochs = (read: readonly object[]) => points(read as Read[], 'epoch/primaryLoss');
    expect(epochs(readEvents(written))).toEqual(epochs(expected));
  });

  it('begins anew where there was no checkpoint yet', async () => {
    const directory = directoryOf(await go(changes, { until: 2, leave: true }));
    await go(changes, { resume: directory });
    expect(timeless(readEvents(join(directory, 'tensorboard')))).toEqual(expected);
  });

  it('passes over a position that was half written', async () => {
    const directory = directoryOf(await go(changes, { until: events - 7, leave: true }));
    appendFileSync(join(directory, 'tensorboard', 'positions.jsonl'), '{"sequence":12,"fi');
    await go(changes, { resume: directory });
    expect(timeless(readEvents(join(directory, 'tensorboard')))).toEqual(expected);
  });
});

describe('the gallery of labels', () => {
  const runs = new Folder();
  afterAll(() => runs[Symbol.dispose]());

  it.each<[string, PipelineSpec]>([
    ['learned', {}],
    ['fixed', { auxiliary: { use: 'random-labels', psi: 2 }, metaStep: { use: 'none' } }],
  ])('shows the images that %s labels hold typical, a row for each auxiliary class', async (_, strategy) => {
    const { numTensors } = tf.memory();
    const observers = [{ use: 'tensorboard', every: 1 }];
    const directory = directoryOf(await go({ observers, runs: runs.path, ...strategy }));
    const drawn = readEvents(join(directory, 'tensorboard')).filter(({ image }) => image);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(drawn.map(({ tag }) => tag)).toEqual(['gallery/dark', 'gallery/grey', 'gallery/bright']);
    const psi = strategy.auxiliary ? [2, 2, 2] : [2, 1, 3];
    for (const [i, { image, step }] of drawn.entries()) {
      const { width, height, channels } = await sharp(image!.png).metadata();
      expect({ width, height, channels }).toEqual({
        width: image!.width,
        height: image!.height,
        channels: image!.channels,
      });
      expect(step).toBe(2);
      const side = (image!.height + 4) / psi[i]! - 4;
      expect(side).toBeGreaterThanOrEqual(56);
      expect((image!.width + 4) % (side + 4)).toBe(0);
    }
  });
});
