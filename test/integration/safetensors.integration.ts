import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeWeights, readSafetensors } from '../../core/checkpoint/index.js';
import { tf } from '../../core/engine/index.js';
import { Folder } from '../config/folder.js';
import { command, drawPictures, train } from '../trained/pictures.js';
import { describeUnless } from './cached.js';
import { pythonWith } from './python-with.js';

const { env, missing } = await pythonWith('safetensors==0.8.0', 'numpy==2.2.6');

const folder = new Folder();
const at = (...path: string[]): string => join(folder.path, ...path);
const python = (...argv: string[]): string =>
  execFileSync('python3', argv, { encoding: 'utf8', cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] });
afterAll(() => folder[Symbol.dispose]());

describeUnless(missing, 'weights as safetensors', () => {
  beforeAll(async () => {
    await drawPictures(folder);
    await train(folder, 'colours', { epochs: '1' });
  });

  it('of other widths are float32 here', async () => {
    const script = folder.write(
      'widths.py',
      [
        'import json, numpy',
        'from safetensors import serialize_file, TensorSpec',
        'from safetensors.numpy import save_file',
        "exact = numpy.array([[1, -2, 65504], [2 ** -14, 2 ** -24, 0.333251953125]], 'float16')",
        "save_file({'half': exact, 'double': numpy.array([0.1, 1e-300, -3], 'float64')}, 'widths.safetensors')",
        "brain = numpy.array([1, -2, 3.140625, 2 ** -133], 'float32')",
        "upper = (brain.view('uint32') >> 16).astype('uint16')",
        "spec = TensorSpec(dtype='bfloat16', shape=[4], data_ptr=upper.ctypes.data, data_len=upper.nbytes)",
        "serialize_file({'brain': spec}, 'brain.safetensors')",
        'print(json.dumps([exact.ravel().tolist(), brain.tolist()]))',
      ].join('\n'),
    );
    const [half, brain] = JSON.parse(python(script)) as number[][];
    const read = (file: string) => decodeWeights(file, readFileSync(at(file))).tensors;
    const tensors = { ...read('widths.safetensors'), ...read('brain.safetensors') };
    const numbers = Object.entries(tensors).map(([name, tensor]) => [name, tensor.dtype, [...tensor.dataSync()]]);
    expect(Object.fromEntries(numbers.map(([name, ...rest]) => [name, rest]))).toEqual({
      half: ['float32', half],
      double: ['float32', [Math.fround(0.1), 0, -3]],
      brain: ['float32', brain],
    });
    tf.dispose(tensors);
  });

  it('go to Python and come back', async () => {
    expect((await command(folder, 'export', 'colours/001', '--format', 'safetensors', '--out', 'model')).code).toBe(0);
    const script = folder.write(
      'double.py',
      [
        'import hashlib, json',
        'from safetensors import safe_open',
        'from safetensors.numpy import load_file, save_file',
        "tensors = load_file('model/model.safetensors')",
        'about = {n: [list(t.shape), str(t.dtype), hashlib.sha256(t.tobytes()).hexdigest()] for n, t in tensors.items()}',
        "with safe_open('model/model.safetensors', 'np') as opened: metadata = json.loads(opened.metadata()['auxflow'])",
        "save_file({n: 2 * t for n, t in tensors.items() if n.startswith('trunk/')}, 'doubled.safetensors')",
        "print(json.dumps({'tensors': about, 'metadata': metadata}))",
      ].join('\n'),
    );
    const said = JSON.parse(python(script)) as { tensors: Record<string, unknown>; metadata: object };
    const { createHash } = await import('node:crypto');
    const { tensors } = await readSafetensors(at('model/model.safetensors'));
    const own = Object.entries(tensors).map(([name, tensor]) => {
      const digest = createHash('sha256').update(new Uint8Array(tensor.dataSync().slice().buffer)).digest('hex');
      return [name, [tensor.shape, 'float32', digest]] as const;
    });
    expect(said.tensors).toEqual(Object.fromEntries(own));
    expect(said.metadata).toMatchObject({ dataset: 'image-folder', classes: ['cold', 'warm'] });

    await train(folder, 'doubled', {
      model: '{ use: conv4, channels: 4, hidden: 8, weights: doubled.safetensors }',
      optimizer: '{ use: sgd, learningRate: 0 }',
      auxiliary: '{ use: single-task }',
      metaStep: '{ use: none }',
      epochs: '1',
    });
    const trained = await readSafetensors(at('runs/doubled/001/weights/theta1.safetensors'));
    const name = 'trunk/block3/conv/kernel';
    expect(trained.tensors[name]!.dataSync()).toEqual(tensors[name]!.dataSync().map((value) => 2 * value));
    tf.dispose([tensors, trained.tensors]);
  }, 300_000);
});
