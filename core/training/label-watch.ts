import { z } from 'zod';
import type { LabelUse, RunEventBody } from '../events/index.js';
import { isLearned } from '../stages/index.js';
import type { AuxiliaryLabels } from '../stages/index.js';
import { meanUse } from './label-use.js';

type Warning = Extract<RunEventBody, { type: 'warning' }>;

const limits = {
  /** Fewer effective classes than this are a collapse. */
  collapsed: 1.2,
  /** Effective classes of less than this share of a block, in as many epochs in a row, leave much of it unused. */
  narrow: { share: 0.5, epochs: 3 },
  /** Labels less sharp than this in as many epochs in a row say nothing of their samples. */
  uniform: { sharpness: 0.05, epochs: 3 },
  /** Primary classes named in a warning. */
  named: 3,
};

const Seen = z.object({
  said: z.array(z.string()),
  dullEpochs: z.int().min(0),
  /** Of checkpoints that know of them. */
  narrowEpochs: z.record(z.string(), z.int().min(1)).default({}),
});

/** Watches the labels that a strategy learns, epoch by epoch, and warns once of each way in which they fail. */
export class LabelWatch {
  private readonly said = new Set<string>();
  private dullEpochs = 0;
  /** Epochs in a row in which a primary class has used less than its share, where it does so now. */
  private narrowEpochs: ReadonlyMap<string, number> = new Map();

  constructor(private readonly labels: AuxiliaryLabels) {}

  /** The warnings that an epoch gives cause for. */
  see(uses: readonly LabelUse[] = []): readonly Warning[] {
    if (!isLearned(this.labels)) return [];
    const { advice } = this.labels;
    const blocks = uses.filter(({ shares, samples }) => shares.length > 1 && samples > 0);
    const collapsed = blocks.filter(({ effectiveClasses }) => effectiveClasses < limits.collapsed);
    const alive = meanUse(blocks.filter((use) => !collapsed.includes(use)));
    const dull = alive && alive.labelSharpness < limits.uniform.sharpness;
    this.dullEpochs = dull ? this.dullEpochs + 1 : 0;
    const narrow = blocks.filter((use) => !collapsed.includes(use) && isNarrow(use));
    this.narrowEpochs = new Map(
      narrow.map(({ primaryClass }) => [primaryClass, (this.narrowEpochs.get(primaryClass) ?? 0) + 1]),
    );
    const narrowed = narrow.filter(({ primaryClass }) => this.narrowEpochs.get(primaryClass)! >= limits.narrow.epochs);
    return [
      ...this.once(
        collapsed.length > 0,
        'labels/collapsed',
        () => `the auxiliary labels have collapsed in ${named(collapsed)}`,
        advice?.collapsed,
      ),
      ...this.once(
        narrowed.length > 0,
        'labels/narrow',
        () =>
          `fewer than half of the auxiliary classes are in use in ${named(narrowed)}, ` +
          `${limits.narrow.epochs} epochs in a row`,
        advice?.collapsed,
      ),
      ...this.once(
        this.dullEpochs >= limits.uniform.epochs,
        'labels/uniform',
        () =>
          `the auxiliary labels are much the same for all samples of a primary class: ` +
          `sharpness ${alive!.labelSharpness.toFixed(3)} of 1, ${this.dullEpochs} epochs in a row`,
        advice?.uniform,
      ),
    ];
  }

  /** What has been said and seen, as data that JSON keeps. */
  snapshot(): z.input<typeof Seen> {
    const { said, dullEpochs, narrowEpochs } = this;
    return { said: [...said], dullEpochs, narrowEpochs: Object.fromEntries(narrowEpochs) };
  }

  restore(snapshot: unknown): void {
    const { said, dullEpochs, narrowEpochs } = Seen.parse(snapshot);
    for (const code of said) this.said.add(code);
    this.dullEpochs = dullEpochs;
    this.narrowEpochs = new Map(Object.entries(narrowEpochs));
  }

  private once(due: boolean, code: string, message: () => string, hint: string | undefined): Warning[] {
    if (!due || this.said.has(code)) return [];
    this.said.add(code);
    return [{ type: 'warning', code, message: message(), ...(hint !== undefined && { hint }) }];
  }
}

const isNarrow = ({ effectiveClasses, shares }: LabelUse): boolean =>
  effectiveClasses < limits.narrow.share * shares.length;

function named(uses: readonly LabelUse[]): string {
  const first = uses
    .slice(0, limits.named)
    .map(
      ({ primaryClass, effectiveClasses, shares }) =>
        `"${primaryClass}" (${effectiveClasses.toFixed(2)} of ${shares.length} classes in use)`,
    );
  const more = uses.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
