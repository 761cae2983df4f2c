import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '../../plugins/trackers/record.js';

/** A message's fields by number: numbers of fixed width and lengths' bytes as they come. */
type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

/** One value in an event file. */
export interface Read {
  readonly tag: string;
  readonly step: number;
  readonly time: number;
  readonly value?: number;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number; readonly png: Buffer };
  readonly histogram?: {
    readonly min: number;
    readonly max: number;
    readonly num: number;
    readonly sum: number;
    readonly sumSquares: number;
    readonly limits: number[];
    readonly counts: number[];
  };
}

/** The records' data; throws where a length, a checksum or the file's end is wrong. */
export function* records(content: Buffer): Generator<Buffer> {
  const check = (data: Buffer, at: number): void => {
    const rotated = (content.readUInt32LE(at) - 0xa282ead8) >>> 0;
    if (((rotated << 15) | (rotated >>> 17)) >>> 0 !== crc32c(data)) throw new Error(`wrong checksum at ${at}`);
  };
  for (let at = 0; at < content.length;) {
    check(content.subarray(at, at + 8), at + 8);
    const end = at + 12 + Number(content.readBigUInt64LE(at));
    const data = content.subarray(at + 12, end);
    check(data, end);
    yield data;
    at = end + 4;
  }
}

export function fields(content: Buffer): Fields {
  const found = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = content[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const sized = (): Buffer => {
    const length = varint();
    return content.subarray(at, (at += length));
  };
  while (at < content.length) {
    const key = varint();
    const type = key % 8;
    if (![0, 1, 2, 5].includes(type)) throw new Error(`wire type ${type}`);
    const value =
      type === 0
        ? varint()
        : type === 1
          ? content.readDoubleLE((at += 8) - 8)
          : type === 2
            ? sized()
            : content.readFloatLE((at += 4) - 4);
    found.set(Math.floor(key / 8), [...(found.get(Math.floor(key / 8)) ?? []), value]);
  }
  return found;
}

const doubles = (packed: Buffer): number[] =>
  Array.from({ length: packed.length / 8 }, (_, i) => packed.readDoubleLE(8 * i));

function event(data: Buffer): Read[] {
  const outer = fields(data);
  if (outer.has(3)) return [];
  const summary = fields(outer.get(5)![0] as Buffer);
  return summary.get(1)!.map((one): Read => {
    const inner = fields(one as Buffer);
    const common = {
      tag: String(inner.get(1)![0]),
      step: outer.get(2)![0] as number,
      time: outer.get(1)![0] as number,
    };
    if (inner.has(2)) return { ...common, value: inner.get(2)![0] as number };
    if (inner.has(4)) {
      const image = fields(inner.get(4)![0] as Buffer);
      const [height, width, channels] = [1, 2, 3].map((n) => image.get(n)![0] as number);
      const png = image.get(4)![0] as Buffer;
      return { ...common, image: { height: height!, width: width!, channels: channels!, png } };
    }
    const histogram = fields(inner.get(5)![0] as Buffer);
    const [min, max, num, sum, sumSquares] = [1, 2, 3, 4, 5].map((n) => histogram.get(n)![0] as number);
    const [limits, counts] = [6, 7].map((n) => doubles(histogram.get(n)![0] as Buffer));
    return {
      ...common,
      histogram: {
        min: min!,
        max: max!,
        num: num!,
        sum: sum!,
        sumSquares: sumSquares!,
        limits: limits!,
        counts: counts!,
      },
    };
  });
}

export const eventFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.includes('tfevents'))
    .sort();

/** All values of a folder's event files, in the order of the files. */
export const readEvents = (folder: string): Read[] =>
  eventFiles(folder).flatMap((name) => [...records(readFileSync(join(folder, name)))].flatMap(event));
