import fc from 'fast-check';
import { changes, evilNames, often } from '../mutate.mjs';

const bytesOf = { F32: 4, I32: 4, BOOL: 1 };
const side = fc.oneof(
  { arbitrary: fc.nat(3), weight: 12 },
  { arbitrary: fc.constantFrom(2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER), weight: 1 },
);
const tensor = fc.record({
  name: fc.oneof(fc.constantFrom('kernel', 'bias', 'a/b'), evilNames),
  dtype: fc.constantFrom(.../** @type {(keyof typeof bytesOf)[]} */ (Object.keys(bytesOf))),
  shape: fc.oneof(
    { arbitrary: fc.array(side, { maxLength: 5 }), weight: 12 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom(0, 1), fc.integer({ min: 6, max: 400 }))
        .map(([each, rank]) => /** @type {number[]} */ (Array(rank).fill(each))),
      weight: 1,
    },
  ),
});

/** A header that fits its data wherever sizes are small, and the data. */
const described = fc.array(tensor, { maxLength: 4 }).map((tensors) => {
  let begin = 0;
  const entries = tensors.map(({ name, dtype, shape }) => {
    const bytes = shape.reduce((product, length) => product * length, bytesOf[dtype]);
    const end = begin + (bytes <= 4096 ? bytes : 0);
    const entry = [name, { dtype, shape, data_offsets: [begin, end] }];
    begin = end;
    return entry;
  });
  return { header: JSON.stringify(Object.fromEntries(entries)), data: Buffer.alloc(begin, 1) };
});

/** JSON that is no header, some of it deep or long. */
const odd = fc
  .tuple(
    fc.oneof(
      fc.json(),
      fc.constantFrom('[', '{"a":', '{"a":{"dtype":[', '{"a":{"shape":[0,', '{"a":{"data_offsets":['),
    ),
    fc.constantFrom('[', '0,', '[],', '{"a":', '"x'),
    often,
    fc.constantFrom('', ']', '}'),
    fc.boolean(),
  )
  .map(([begin, piece, times, close, closed]) => {
    const inner = piece === '[' ? '['.repeat(times) + ']'.repeat(times) : piece.repeat(times);
    const ends = closed ? ({ '[': ']', '{"a":': '0}', '{"a":{"dtype":[': ']}}' }[begin] ?? ']}}') : close;
    return {
      header: begin + (closed && piece !== '[' ? `${inner.replace(/,$/, '')}` : inner) + ends,
      data: Buffer.alloc(0),
    };
  });

const file = fc
  .tuple(fc.oneof({ arbitrary: described, weight: 8 }, { arbitrary: odd, weight: 1 }), changes)
  .map(([{ header, data }, apply]) => {
    const json = Buffer.from(header);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return apply(Buffer.concat([length, json, data]));
  });

/** @type {import('./index.mjs').Format} */
export const safetensorsFormat = {
  name: 'safetensors',
  inputs: fc
    .oneof({ arbitrary: file, weight: 20 }, { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 1 })
    .map((file) => ({ files: { file } })),
  async read({ readSafetensors, tf }, folder) {
    const before = tf.memory().numTensors;
    const leaks = () => {
      if (tf.memory().numTensors !== before) throw new Error('tensors leak');
    };
    const { tensors } = await readSafetensors(`${folder}/file`).catch((refused) => {
      leaks();
      throw refused;
    });
    for (const tensor of Object.values(tensors)) tf.tidy(() => tf.add(tf.cast(tensor, 'float32'), 1).dataSync());
    tf.dispose(Object.values(tensors));
    leaks();
  },
};
