import type { Trace } from './trace.js';

/** The reference's images; its network has five poolings. */
const image = [32, 32, 3] as const;
const depths = [2, 2, 3, 3, 3];

type Shapes = ReadonlyMap<string, readonly number[]>;

/**
 * What is wrong with the shapes in a trace: its own `config` says what they must be, so that nothing is built that the file
 * doesn't hold.
 * @returns the first fault, in words
 */
export function shapeFault({ config, inputs, primaryLabels, initial, ...later }: Trace): string | undefined {
  for (const [i, { shape, dtype }] of inputs.entries())
    if (dtype !== 'float32' || shape.join() !== [config.batch, ...image].join())
      return `inputs.${i} is ${dtype} [${shape.join(', ')}], not float32 [${config.batch}, ${image.join(', ')}]`;
  for (const [i, { shape, dtype }] of primaryLabels.entries())
    if (dtype !== 'int32' || shape.join() !== String(config.batch))
      return `primaryLabels.${i} is ${dtype} [${shape.join(', ')}], not int32 [${config.batch}]`;

  const { filters, psi } = config;
  const auxiliary = psi.reduce((sum, size) => sum + size, 0);
  const multiTask = shapesOf(filters, { classifier1: psi.length, classifier2: auxiliary });
  const labelGenerator = shapesOf(filters, { classifier: auxiliary });
  const gradients = later.trace.meta.flatMap(({ metaGradient, totalGradient }, i) => [
    [`trace.meta.${i}.metaGradient`, metaGradient, labelGenerator] as const,
    [`trace.meta.${i}.totalGradient`, totalGradient, labelGenerator] as const,
  ]);
  const all = [
    ['initial.multiTask', initial.multiTask, multiTask] as const,
    ['initial.labelGenerator', initial.labelGenerator, labelGenerator] as const,
    ['afterTrain.multiTask', later.afterTrain.multiTask, multiTask] as const,
    ['afterMeta.labelGenerator', later.afterMeta.labelGenerator, labelGenerator] as const,
    ...gradients,
  ];
  return all.flatMap(([where, tensors, expected]) => parameterFault(where, tensors, expected) ?? [])[0];
}

function parameterFault(where: string, tensors: Trace['initial']['multiTask'], expected: Shapes): string | undefined {
  for (const name of Object.keys(tensors))
    if (!expected.has(name)) return `${where} has a parameter of an unknown name, ${JSON.stringify(name.slice(0, 80))}`;
  for (const [name, shape] of expected) {
    if (!Object.hasOwn(tensors, name)) return `${where} has no ${name}`;
    const { shape: found, dtype } = tensors[name]!;
    if (dtype !== 'float32' || found.join() !== shape.join())
      return `${where}.${name} is ${dtype} [${found.join(', ')}], config asks for float32 [${shape.join(', ')}]`;
  }
  return undefined;
}

/** Every parameter of a network with these heads under the reference's names: convolutions and their batch norms, then heads. */
function shapesOf(filters: readonly number[], heads: Readonly<Record<string, number>>): Shapes {
  const shapes = new Map<string, readonly number[]>();
  let channels: number = image[2];
  for (const [block, width] of filters.entries())
    for (let i = 0; i < depths[block]!; i++) {
      const layer = (index: number) => `block${block + 1}.${3 * i + index}`;
      shapes.set(`${layer(0)}.weight`, [3, 3, channels, width]);
      for (const name of [`${layer(0)}.bias`, `${layer(1)}.weight`, `${layer(1)}.bias`]) shapes.set(name, [width]);
      channels = width;
    }
  for (const [head, outputs] of Object.entries(heads)) {
    shapes.set(`${head}.0.weight`, [channels, channels]).set(`${head}.0.bias`, [channels]);
    shapes.set(`${head}.2.weight`, [channels, outputs]).set(`${head}.2.bias`, [outputs]);
  }
  return shapes;
}
