import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytes, double, doubles, float, integer, message } from '../../plugins/trackers/protobuf.js';
import { crc32c, record } from '../../plugins/trackers/record.js';
import { fileVersion, labelHistogram, scalar } from '../../plugins/trackers/summary.js';
import { fields, records } from './read-events.js';

const ramp = Uint8Array.from({ length: 32 }, (_, i) => i);

describe('crc32c', () => {
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', ramp, 0x46dd794e],
    ['31 to 0', ramp.toReversed(), 0x113fdb5c],
    ['the digits', Buffer.from('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s is as published (RFC 3720, B.4)', (_, data, expected) => expect(crc32c(data)).toBe(expected));
});

describe('records', () => {
  const time = 1795564800500;

  // Written by tensorboard 2.20.0 itself: RecordWriter and event_pb2.
  it.each([
    [
      'a file version',
      fileVersion(time),
      '1800000000000000a37f4b22090000204089c1da411a0d627261696e2e4576656e743a3270bc1eb7',
    ],
    [
      'a scalar',
      scalar('epoch/primaryLoss', 0.4124, { time, step: 300 }),
      '2800000000000000ff70164a090000204089c1da4110ac022a1a0a180a1165706f63682f7072696d6172794c6f7373151826d33e0ed74acc',
    ],
    [
      'a histogram',
      labelHistogram(
        'labels/even',
        {
          primaryClass: 'even',
          samples: 100,
          shares: [0.5, 0.3, 0.2],
          effectiveClasses: 3,
          sampleEntropy: 0,
          sharpness: 0,
        },
        { time, step: 2 },
      ),
      '7f0000000000000050391acb090000204089c1da4110022a720a700a0b6c6162656c732f6576656e2a6109000000000000e0bf110000000000000440190000000000005940210000000000805140290000000000805b403218000000000000e03f000000000000f83f00000000000004403a1800000000000049400000000000003e40000000000000344012c8fa08',
    ],
  ])('of %s are those of TensorBoard', (_, event, hex) => expect(record(event).toString('hex')).toBe(hex));

  it('are read back, one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (all) => {
        const file = Buffer.concat(all.map(record));
        expect([...records(file)].map((data) => [...data])).toEqual(all.map((data) => [...data]));
      }),
    );
  });

  it('show any change of a byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (data, at, by) => {
          const file = record(data);
          file[at % file.length]! ^= by;
          expect(() => [...records(file)]).toThrow();
        },
      ),
    );
  });
});

describe('a message', () => {
  it('keeps every kind of field', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.double(),
        fc.float(),
        fc.string(),
        fc.array(fc.double()),
        fc.integer({ min: 1, max: 5000 }),
        (whole, wide, narrow, text, list, first) => {
          const content = message(
            integer(first, whole),
            double(first + 1, wide),
            float(first + 2, narrow),
            bytes(first + 3, text),
            doubles(first + 4, list),
          );
          const read = fields(content);
          const values = [0, 1, 2, 3, 4].map((n) => read.get(first + n)![0]);
          expect(values.slice(0, 3)).toEqual([whole, wide, narrow]);
          expect(values[3]).toEqual(Buffer.from(text));
          const packed = values[4] as Buffer;
          expect(list.map((_, i) => packed.readDoubleLE(8 * i))).toEqual(list);
        },
      ),
    );
  });
});
