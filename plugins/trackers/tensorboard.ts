import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inject, injectable, optional } from 'inversify';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { makeFolder } from '../../core/checkpoint/index.js';
import { RunError } from '../../core/errors/index.js';
import type { RunEvent, RunEventOf } from '../../core/events/index.js';
import { path } from '../../core/plugins/index.js';
import { AuxiliaryLabels, Dataset, StageConfig } from '../../core/stages/index.js';
import type { Observer } from '../../core/stages/index.js';
import { EventFile } from './event-file.js';
import { scalars, type Scalar } from './scalars.js';
import { galleryImage } from './gallery-image.js';
import { image, labelHistogram, scalar } from './summary.js';

export const TensorBoardConfig = z.strictObject({
  folder: path()
    .optional()
    .describe('where to write, in NAME/NNN for each run; a folder "tensorboard" in the run folder by default'),
  every: z.int().min(0).default(10).describe('every n-th step is written; 0 for none'),
});

/**
 * Writes the event files that TensorBoard reads: scalars of steps, epochs and tests, histograms of label use, and of a run that has
 * ended the images with the highest assignment to each auxiliary class.
 */
@injectable()
export class TensorBoard implements Observer {
  readonly name = 'tensorboard';
  private file: EventFile | undefined;
  private next = 0;

  /** Of a run that is replayed there are neither data nor labels, and so no images. */
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof TensorBoardConfig>,
    @inject(Dataset) @optional() private readonly dataset?: Dataset,
    @inject(AuxiliaryLabels) @optional() private readonly labels?: AuxiliaryLabels,
  ) {}

  async observe(events: Observable<RunEvent>): Promise<void> {
    const numbers = scalars(this.config.every);
    let directory: string | undefined;
    let end: RunEventOf<'run:end'> | undefined;
    try {
      await events.forEach((event) => {
        if (event.type === 'run:start') {
          this.file = this.open(event);
          ({ directory } = event);
        }
        if (event.type === 'run:end') end = event;
        const measured = numbers(event);
        this.next = event.sequence + 1;
        if (this.file && event.sequence >= this.file.from) write(this.file, event, measured);
      });
      if (end && directory !== undefined) await this.drawGallery(end, directory);
    } finally {
      this.file?.flush();
    }
  }

  /** Before a checkpoint: a run that goes on from it cuts the files back to here. */
  flush(): void {
    this.file?.mark(this.next);
  }

  private async drawGallery({ time, summary }: RunEventOf<'run:end'>, directory: string): Promise<void> {
    const { file, dataset, labels } = this;
    if (!file || !dataset || !labels) return;
    const { labelGallery } = await import('../../core/report/index.js');
    const { blocks, gallery } = (await labelGallery(dataset, labels, directory)) ?? { blocks: [], gallery: [] };
    for (const { name, start, size } of blocks) {
      const drawn = await galleryImage(gallery.slice(start, start + size));
      if (drawn) file.add(image(`gallery/${name}`, drawn, { time, step: summary.epochs }), time);
    }
  }

  private open({ directory, name, resumed }: RunEventOf<'run:start'>): EventFile {
    if (directory === undefined) {
      throw new RunError('tensorboard/no-folder', 'TensorBoard files go with a run folder, and this run has none', {
        hint: 'Let the run be recorded.',
      });
    }
    const { folder } = this.config;
    const place = folder === undefined ? join(directory, 'tensorboard') : join(folder, name, basename(directory));
    if (folder !== undefined) claim(place, directory);
    return new EventFile(place, { sequence: resumed?.sequence ?? 0, time: Date.now() });
  }
}

/** Two runs of one name and number, from different places, mustn't overwrite each other in a folder they share. */
function claim(place: string, directory: string): void {
  const file = join(place, 'run.txt');
  makeFolder(place);
  if (!existsSync(file)) writeFileSync(file, directory);
  const owner = readFileSync(file, 'utf8');
  if (owner === directory) return;
  throw new RunError('tensorboard/taken', `${place} holds the events of another run, ${owner}`, {
    hint: 'Name another folder, or move that one away.',
  });
}

function write(file: EventFile, event: RunEvent, measured: readonly Scalar[]): void {
  const { time } = event;
  for (const { tag, value, step } of measured) file.add(scalar(tag, value, { time, step }), time);
  if (event.type !== 'epoch:end') return;
  for (const use of event.labelUse ?? []) {
    if (use.samples > 0) file.add(labelHistogram(`labels/${use.primaryClass}`, use, { time, step: event.epoch }), time);
  }
  file.flush(time);
}
