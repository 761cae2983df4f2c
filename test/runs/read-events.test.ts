import { afterAll, describe, expect, it } from '@jest/globals';
import { DataError } from '../../core/errors/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { formatEvent } from '../../core/observers/index.js';
import { readEvents, type ReadOptions } from '../../core/runs/index.js';
import { Folder } from '../config/folder.js';
import { wholeRun } from '../observers/recorded.js';
import { lines, recordRun } from './run-folder.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

async function read(run: string, options: ReadOptions = {}) {
  const notes: string[] = [];
  const events: RunEvent[] = [];
  for await (const event of readEvents(run, { note: (note) => notes.push(note), ...options })) events.push(event);
  return { events, notes };
}
const fault = (run: string): Promise<unknown> => read(run).catch((error: unknown) => error);

describe('readEvents', () => {
  it('gives a record back as it was written, whatever the chunks it is read in', async () => {
    const long = wholeRun.map((event) =>
      event.type === 'run:start' ? { ...event, config: { note: 'ä€𝄞'.repeat(40_000) } } : event,
    );
    for (const events of [wholeRun, long])
      expect(await read(recordRun(folder, 'whole', events))).toEqual({ events, notes: [] });
  });

  it('leaves out steps, unread', async () => {
    const run = recordRun(folder, 'steps', wholeRun);
    const torn = lines(wholeRun).replace(/("type":"step:end").*/, '$1 torn');
    folder.write('steps/events.jsonl', torn);
    const { events, notes } = await read(run, { steps: false });
    expect(events).toEqual(wholeRun.filter(({ type }) => !type.endsWith('step:end')));
    expect(notes).toEqual([]);
    expect(await fault(run)).toBeInstanceOf(DataError);
  });

  it('says that a last line is broken off', async () => {
    const run = recordRun(folder, 'torn', wholeRun.slice(0, 3), '{"type":"step:e');
    expect(await read(run)).toEqual({
      events: wholeRun.slice(0, 3),
      notes: [`${run}/events.jsonl:4: the last line is broken off, as a killed run leaves it`],
    });
    const unended = recordRun(folder, 'unended', wholeRun.slice(0, 3), formatEvent(wholeRun[3]!));
    expect(await read(unended)).toEqual({ events: wholeRun.slice(0, 4), notes: [] });
  });

  it('says which events are missing', async () => {
    const run = recordRun(folder, 'gap', [...wholeRun.slice(0, 3), ...wholeRun.slice(5)]);
    expect((await read(run)).notes).toEqual([`${run}/events.jsonl:4: events 3 to 4 are missing`]);
  });

  it.each([
    ['no JSON, though whole', [wholeRun[0]!], 'oops\n', /events\.jsonl:2: not an event, for it isn't JSON: oops/],
    ['no event', [wholeRun[0]!], `[1]\n${lines(wholeRun.slice(1))}`, /events\.jsonl:2: not an event, which has type/],
    ['out of order', [wholeRun[0]!, wholeRun[2]!, wholeRun[1]!], '', /:3: event 1 comes after event 2/],
    ['told twice', [wholeRun[0]!, wholeRun[0]!], '', /:2: event 0 comes after event 0/],
    ['not the start', wholeRun.slice(1), '', /:1: expected run:start as the first event, got epoch:start/],
    ['nothing', [], '', /events\.jsonl holds no event/],
    ['the beginning of the first', [], '{"ty', /events\.jsonl holds no event/],
  ])('refuses a line that is %s, with its place', async (_, events, end, message) => {
    const error = await fault(recordRun(folder, 'bad', events, end));
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  it('refuses a record that is not there', async () => {
    expect(await fault(folder.path)).toMatchObject({
      code: 'data/unreadable',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
