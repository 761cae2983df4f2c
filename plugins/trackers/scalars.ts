import type { RunEvent, Summary } from '../../core/events/index.js';

/** One number that a run has measured. */
export interface Scalar {
  /** Such as `epoch/primaryLoss` or `step/train/primaryLoss`. */
  readonly tag: string;
  readonly value: number;
  /** The epoch, or for `step/` and `meta-step/` the steps of that pass since the run began; both from 1. */
  readonly step: number;
}

/** Numbers of an event that say where and how long, not what was measured. */
const place: ReadonlySet<string> = new Set(['sequence', 'time', 'epoch', 'step', 'steps', 'samples', 'durationMs']);

/**
 * What a run's events measured, told in order. A test of an epoch before one that is tested already belongs to the weights that
 * validation has selected, and is told with the run's end, so that no curve runs backwards.
 * @param every which steps are told: the first, and every n-th from there; 0 for none
 */
export function scalars(every: number): (event: RunEvent) => readonly Scalar[] {
  let tested = 0;
  return (event) => {
    switch (event.type) {
      case 'step:end':
      case 'meta-step:end': {
        const step = (event.epoch - 1) * event.steps + event.step;
        if (every === 0 || (step - 1) % every > 0) return [];
        return numbers(`${event.type === 'step:end' ? 'step' : 'meta-step'}/${event.pass}`, event, step);
      }
      case 'epoch:end':
        return numbers('epoch', event.metrics, event.epoch);
      case 'evaluate:end':
        if (event.split !== 'test' || event.epoch <= tested) return [];
        tested = event.epoch;
        return numbers('test', event, event.epoch);
      case 'run:end': {
        const { selected, lastEpochs, epochs } = event.summary;
        return [
          ...(selected ? numbers('selected', selected.test, selected.epoch) : []),
          ...lastScore(lastEpochs).map(([name, value]) => ({ tag: `test/lastEpochs${name}`, value, step: epochs })),
        ];
      }
      default:
        return [];
    }
  };
}

const lastScore = ({ meanAccuracy, meanR2 }: Summary['lastEpochs'] = { epochs: 0 }): [string, number][] => [
  ...(meanAccuracy === undefined ? [] : [['Accuracy', meanAccuracy] as [string, number]]),
  ...(meanR2 === undefined ? [] : [['R2', meanR2] as [string, number]]),
];

const numbers = (group: string, measured: object, step: number): Scalar[] =>
  Object.entries(measured).flatMap(([name, value]) =>
    typeof value === 'number' && !place.has(name) ? [{ tag: `${group}/${name}`, value, step }] : [],
  );
