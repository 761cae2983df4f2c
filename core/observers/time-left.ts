import type { RunEvent, RunEventOf } from '../events/index.js';

/** Time that one kind of work took so far, and how often it was done. */
class Pace {
  private ms = 0;
  private times = 0;

  /** @param done whether that finished one */
  spend(ms: number, done: boolean): void {
    this.ms += ms;
    if (done) this.times++;
  }

  /** Milliseconds for one; `undefined` before the first is done. */
  get each(): number | undefined {
    return this.times > 0 ? this.ms / this.times : undefined;
  }
}

/**
 * Works out the time left over the whole run from the measured pace of every pass, and of what else an epoch holds
 * (scoring the validation split, say). A pass not yet seen is taken to go at the mean pace of the others.
 */
export class TimeLeft {
  private plan: Pick<RunEventOf<'run:start'>, 'epochs' | 'passes'> = { epochs: 0, passes: [] };
  private readonly paces = new Map<string, Pace>();
  private readonly rest = new Pace();
  /** Finished epochs, and steps done in the current one by pass. */
  private epochs = 0;
  private steps = new Map<string, number>();
  /** Time of the event before; unknown of those that a resumed run tells again. */
  private since: number | undefined;
  private from = 0;

  /** Takes in the next event. @returns milliseconds, or `undefined` before anything was measured. */
  after(event: RunEvent): number | undefined {
    const tookMs = this.since === undefined ? undefined : event.time - this.since;
    switch (event.type) {
      case 'run:start':
        this.plan = event;
        this.from = event.resumed?.sequence ?? 0;
        break;
      case 'epoch:start':
        this.epochs = event.epoch - 1;
        this.steps = new Map();
        break;
      case 'step:end':
      case 'meta-step:end': {
        const pace = this.pace(event.pass);
        if (tookMs !== undefined) pace.spend(tookMs, this.steps.get(event.pass) !== event.step);
        this.steps.set(event.pass, event.step);
        break;
      }
      case 'evaluate:end':
      case 'checkpoint:written':
        if (tookMs !== undefined) this.rest.spend(tookMs, false);
        break;
      case 'epoch:end':
        if (tookMs !== undefined) this.rest.spend(tookMs, true);
        this.epochs = event.epoch;
        this.steps = new Map();
        break;
      default:
        return this.left();
    }
    if (event.sequence >= this.from) this.since = event.time;
    return this.left();
  }

  private left(): number | undefined {
    const known = [...this.paces.values()].flatMap(({ each }) => each ?? []);
    if (known.length === 0) return undefined;
    const usual = known.reduce((sum, each) => sum + each, 0) / known.length;
    const epochs = this.plan.epochs - this.epochs;
    return this.plan.passes.reduce(
      (sum, { name, steps }) => sum + (epochs * steps - (this.steps.get(name) ?? 0)) * (this.pace(name).each ?? usual),
      epochs * (this.rest.each ?? 0),
    );
  }

  private pace(pass: string): Pace {
    const pace = this.paces.get(pass) ?? new Pace();
    this.paces.set(pass, pace);
    return pace;
  }
}
