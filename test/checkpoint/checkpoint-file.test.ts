import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCheckpoint, readSafetensors, writeCheckpoint, writeSafetensors } from '../../core/checkpoint/index.js';
import { tf } from '../../core/engine/index.js';

let folder: string;
let file: string;
const values = { text: 'a "quoted" \\ ü', "sha256'": '"sha256":"', number: 0.1 + 0.2, list: [1e-300, 5e-324] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auxflow-checkpoint-'));
  file = join(folder, 'a.safetensors');
  using kernel = tf.tensor2d([1, 2, 3, Math.fround(0.1)], [2, 2]);
  await writeCheckpoint(file, { tensors: { kernel }, values });
});
afterAll(() => rm(folder, { recursive: true }));

describe('a checkpoint file', () => {
  it('keeps tensors and values exactly, and belongs to its reader', async () => {
    const before = tf.memory().numTensors;
    {
      using read = await readCheckpoint(file);
      expect(read.values).toEqual(values);
      expect(read.tensors['kernel']!.arraySync()).toEqual([[1, 2], [3, Math.fround(0.1)]]); // prettier-ignore
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the same for the same state, byte by byte', async () => {
    using kernel = tf.tensor2d([1, 2, 3, Math.fround(0.1)], [2, 2]);
    const again = join(folder, 'again.safetensors');
    expect(await writeCheckpoint(again, { tensors: { kernel }, values })).toBe((await readFile(again)).length);
    expect(await readFile(again)).toEqual(await readFile(file));
  });

  it('is a safetensors file to others', async () => {
    const { tensors, metadata } = await readSafetensors(file);
    Object.values(tensors).forEach((tensor) => tensor.dispose());
    expect(metadata['auxflow']).toBe('checkpoint 1');
  });

  it('is refused with any one bit changed, and when cut off anywhere', async () => {
    const whole = await readFile(file);
    const spoilt = join(folder, 'spoilt.safetensors');
    const refused = async (bytes: Uint8Array): Promise<void> => {
      await writeFile(spoilt, bytes);
      await expect(readCheckpoint(spoilt)).rejects.toMatchObject({ code: 'checkpoint/damaged' });
    };
    const before = tf.memory().numTensors;
    for (let at = 0; at < whole.length; at += 3) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      await refused(bytes);
    }
    for (const length of [0, 7, 8, 100, whole.length - 1]) await refused(whole.subarray(0, length));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is refused where it is another safetensors file, or missing', async () => {
    using kernel = tf.tensor1d([1]);
    const other = join(folder, 'weights.safetensors');
    await writeSafetensors(other, { kernel });
    await expect(readCheckpoint(other)).rejects.toMatchObject({ code: 'checkpoint/damaged' });
    await expect(readCheckpoint(join(folder, 'none'))).rejects.toMatchObject({ code: 'data/unreadable' });
  });
});
