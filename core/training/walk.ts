import { Generator, Scope, type Random } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import type { Batch, Dataset, Draw } from '../stages/index.js';
import { batchOf, epochOrder } from './sampler.js';

/** A batch and what its step may draw besides; all of it is freed together. */
export interface Drawn extends Disposable {
  readonly batch: Batch;
  readonly draw: Draw;
}

/** One pass's walk over the training split in one epoch, augmentation included: a function of run seed, pass and epoch alone. */
export class Walk {
  /** Steps of one epoch; the last batch holds what is left. */
  readonly steps: number;
  private readonly orders = new Map<number, Int32Array>();

  /** @param epoch from 1 */
  constructor(
    private readonly dataset: Dataset,
    private readonly random: Random,
    private readonly pass: string,
    private readonly epoch: number,
  ) {
    this.steps = Math.ceil(dataset.train.size / dataset.batch);
  }

  /** The batches from place `first` to before `end`, each drawn when it is asked for; the whole epoch by default. */
  *from(first = 0, end = this.steps): Iterable<Drawn> {
    for (let place = first; place < end; place++) yield this.at(place);
  }

  /** The batch at `place`, from 0; from `steps` on it is one of the next epoch's. Owned by the caller. */
  at(place: number): Drawn {
    const scope = new Scope();
    const batch = scope.own(this.batch(place));
    const draw: Draw = {
      ahead: (places) => scope.own(this.batch(place + places)),
      heldOut: () => scope.own(this.heldOut(place)),
    };
    return { batch, draw, [Symbol.dispose]: () => scope[Symbol.dispose]() };
  }

  private batch(place: number): Batch {
    const { train, batch, augment } = this.dataset;
    const epoch = this.epoch + Math.floor(place / this.steps);
    const placeInEpoch = place % this.steps;
    const order = this.order(this.pass, epoch, train.size);
    const indices = order.slice(placeInEpoch * batch, (placeInEpoch + 1) * batch);
    if (!augment) return batchOf(this.dataset, train, indices);
    const purpose = `augment/${this.pass}/${epoch}/${placeInEpoch}`;
    return batchOf(this.dataset, train, indices, (inputs) => augment(inputs, Generator.for(this.random.seed, purpose)));
  }

  private heldOut(place: number): Batch {
    const { heldOut, batch, name } = this.dataset;
    if (!heldOut) {
      throw ConfigError.of(
        'dataset/no-held-out',
        ['dataset', 'heldOut'],
        `${name} holds no samples out for meta batches`,
        'give dataset.heldOut a number of samples, or choose another metaBatch',
      );
    }
    const order = this.order('held-out', this.epoch, heldOut.size);
    const size = Math.min(batch, heldOut.size);
    const indices = Int32Array.from({ length: size }, (_, i) => order[(place * size + i) % heldOut.size]!);
    return batchOf(this.dataset, heldOut, indices);
  }

  private order(pass: string, epoch: number, size: number): Int32Array {
    const key = pass === this.pass ? epoch : -1;
    let order = this.orders.get(key);
    if (!order) this.orders.set(key, (order = epochOrder(this.random, pass, epoch, size)));
    return order;
  }
}
