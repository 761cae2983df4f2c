import type { EngineInfo } from '../../core/engine/index.js';
import type { RunEvent, RunEventBody, Summary } from '../../core/events/index.js';

export const summary: Summary = {
  name: 'mnist-parity',
  seed: 1,
  strategy: 'maxl',
  epochs: 2,
  parameters: 104_684,
  test: { split: 'test', samples: 10_000, primaryLoss: 0.101, primaryAccuracy: 0.9671 },
  metrics: { primaryLoss: 0.2, primaryAccuracy: 0.9, learningRate: 0.1 },
  labelUse: [
    {
      primaryClass: 'even',
      samples: 100,
      shares: [0.38, 0.3, 0.2, 0.06, 0.06],
      effectiveClasses: 4.1,
      sampleEntropy: 0.82,
      sharpness: 0.05,
    },
  ],
  gradientCosine: 0.13,
  durationMs: 24_000,
};

/** What happens, and how many milliseconds after the event before. */
type Timed = readonly [afterMs: number, body: RunEventBody];

/** Events with the envelope, on a clock of their own. */
export function record(script: readonly Timed[]): RunEvent[] {
  let time = Date.UTC(2026, 10, 25);
  return script.map(([afterMs, body], sequence) => ({ ...body, sequence, time: (time += afterMs) }));
}

export const engine: EngineInfo = {
  node: '22.1.0',
  platform: 'linux x64',
  tfjs: '4.22.0',
  tensorflow: '2.15.1',
  backend: 'tensorflow',
  threads: 2,
  parallelOperations: 2,
  oneDnn: true,
  ownKernels: 'avx2',
  processor: { model: 'a processor', vectors: ['avx', 'avx2'] },
};

export const start: Timed = [
  0,
  {
    type: 'run:start',
    name: 'mnist-parity',
    seed: 1,
    config: { name: 'mnist-parity', epochs: 2, dataset: { use: 'mnist', batch: 50 }, version: '2', nothing: null },
    strategy: 'maxl',
    epochs: 2,
    trainSamples: 1000,
    parameters: 104_684,
    engine,
    passes: [
      { name: 'train', steps: 2 },
      { name: 'meta', steps: 2 },
    ],
  },
];

/** A training step of 1 s and a meta-step of 3 s, twice each; validation takes 2 s. */
export function epoch(number: number): Timed[] {
  const inPass = { epoch: number, steps: 2, samples: 50 };
  const train = (step: number): Timed => [
    1000,
    {
      type: 'step:end',
      ...inPass,
      pass: 'train',
      step,
      durationMs: 900,
      primaryLoss: step === 1 ? 0.5 : 0.3,
      auxiliaryLoss: 1.25,
      primaryAccuracy: step === 1 ? 0.8 : 0.9,
      learningRate: 0.3,
      labelMass: Float32Array.of(0.5, 0.25, 1, 0),
      labelEntropy: Float32Array.of(0.5, 0.125),
    },
  ];
  const meta = (step: number): Timed => [
    3000,
    {
      type: 'meta-step:end',
      ...inPass,
      pass: 'meta',
      step,
      durationMs: 2900,
      primaryLossBefore: 0.3,
      primaryLossAfter: 0.25,
      regulariser: -1.5,
      metaGradientNorm: 0.01,
      metaCotangentNorm: 0.02,
      regulariserCotangentNorm: 0.03,
      learningRate: 0.001,
    },
  ];
  return [
    [0, { type: 'epoch:start', epoch: number, epochs: 2 }],
    train(1),
    train(2),
    meta(1),
    meta(2),
    [
      2000,
      {
        type: 'evaluate:end',
        epoch: number,
        split: 'validation',
        samples: 100,
        primaryLoss: 0.25,
        primaryAccuracy: 0.902,
        durationMs: 2000,
      },
    ],
    [
      0,
      {
        type: 'epoch:end',
        epoch: number,
        epochs: 2,
        metrics: {
          primaryLoss: 0.4124,
          primaryAccuracy: 0.8812,
          auxiliaryLoss: 1.2031,
          gradientCosine: 0.1342,
          learningRate: 0.3,
          validationLoss: 0.25,
          validationAccuracy: 0.902,
        },
        durationMs: 10_000,
      },
    ],
  ];
}

export const end: Timed = [500, { type: 'run:end', summary, durationMs: 24_000 }];
export const stopped: Timed = [500, { type: 'run:stopped', reason: 'SIGINT', epoch: 1, durationMs: 12_000 }];
export const failed: Timed = [
  500,
  {
    type: 'run:failed',
    error: { name: 'RunError', code: 'run/non-finite', message: 'loss is NaN' },
    durationMs: 12_000,
  },
];

export const wholeRun = record([start, ...epoch(1), ...epoch(2), end]);
