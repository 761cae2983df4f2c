import fc from 'fast-check';
import { mutated } from '../mutate.mjs';

const records = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(12), fc.nat(255)).map(([count, label, filler]) => {
  const bytes = Buffer.alloc(count * 3073, filler);
  for (let record = 0; record < count; record++) bytes[record * 3073] = label;
  return bytes;
});

/** @type {import('./index.mjs').Format} */
export const cifarFormat = {
  name: 'cifar',
  inputs: fc
    .oneof({ arbitrary: mutated(records), weight: 20 }, { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 1 })
    .map((records) => ({ files: { records } })),
  async read({ readCifar }, folder) {
    const classes = Array.from({ length: 10 }, (_, label) => String(label));
    await readCifar([`${folder}/records`], [{ name: 'class', classes }]);
  },
};
