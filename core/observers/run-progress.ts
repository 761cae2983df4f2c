import { accuracy, scoreOf } from '../events/index.js';
import type { RunEvent, RunEventOf, Score, ScoreKind } from '../events/index.js';
import { TimeLeft } from './time-left.js';

/** How far a run has come: a fold over its events, with no clock of its own. */
export class RunProgress {
  start: RunEventOf<'run:start'> | undefined;
  /** The stage that prepares, before the first epoch. */
  preparing: string | undefined;
  finishedEpochs = 0;
  epoch = 0;
  pass = '';
  step = 0;
  steps = 0;
  /** Share of the run's steps, or of the preparation, that is done. */
  fraction = 0;
  validation: Score | undefined;
  /** Milliseconds; `undefined` until they can be told. */
  left: number | undefined;

  private readonly timeLeft = new TimeLeft();
  private samples = 0;
  private lossSum = 0;
  private scoreSum = 0;
  private kind: ScoreKind = accuracy;

  /** Means over the samples of this epoch so far; `undefined` before its first training step. */
  get training(): { readonly loss: number; readonly score: Score } | undefined {
    if (this.samples === 0) return undefined;
    const { kind, samples, lossSum, scoreSum } = this;
    return { loss: lossSum / samples, score: { kind, value: scoreSum / samples } };
  }

  add(event: RunEvent): void {
    this.left = this.timeLeft.after(event);
    switch (event.type) {
      case 'run:start':
        this.start = event;
        break;
      case 'prepare:start':
        this.preparing = event.stage;
        this.fraction = 0;
        break;
      case 'prepare:progress':
        this.fraction = event.fraction;
        break;
      case 'prepare:end':
        this.preparing = undefined;
        this.fraction = 0;
        break;
      case 'epoch:start':
        this.epoch = event.epoch;
        this.samples = this.lossSum = this.scoreSum = 0;
        break;
      case 'step:end':
        this.samples += event.samples;
        this.lossSum += event.samples * event.primaryLoss;
        this.kind = scoreOf(event).kind;
        this.scoreSum += event.samples * scoreOf(event).value;
        this.moveTo(event);
        break;
      case 'meta-step:end':
        this.moveTo(event);
        break;
      case 'evaluate:end':
        if (event.split === 'validation') this.validation = scoreOf(event);
        break;
      case 'epoch:end':
        this.finishedEpochs = event.epoch;
        break;
      default:
    }
  }

  private moveTo({ pass, step, steps }: RunEventOf<'step:end' | 'meta-step:end'>): void {
    Object.assign(this, { pass, step, steps });
    const { epochs, passes } = this.start ?? { epochs: 1, passes: [{ name: pass, steps }] };
    const before = passes.findIndex(({ name }) => name === pass);
    const total = stepsOf(passes);
    this.fraction = ((this.epoch - 1) * total + stepsOf(passes.slice(0, before)) + step) / (epochs * total);
  }
}

const stepsOf = (passes: RunEventOf<'run:start'>['passes']) => passes.reduce((sum, { steps }) => sum + steps, 0);
