import { z } from 'zod';
import type { LabelUse, RunEventBody } from '../events/index.js';
import { isLearned } from '../stages/index.js';
import type { AuxiliaryLabels } from '../stages/index.js';
import { meanUse } from './label-use.js';

type Warning = Extract<RunEventBody, { type: 'warning' }>;

const limits = {
  /** Fewer effective classes than this are a collapse. */
  collapsed: 1.2,
  /** Labels less sharp than this in as many epochs in a row say nothing of their samples. */
  uniform: { sharpness: 0.05, epochs: 3 },
  /** Primary classes named in a warning. */
  named: 3,
};

const Seen = z.object({ said: z.array(z.string()), dullEpochs: z.int().min(0) });

/** Watches the labels that a strategy learns, epoch by epoch, and warns once of each way in which they fail. */
export class LabelWatch {
  private readonly said = new Set<string>();
  private dullEpochs = 0;

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
    return [
      ...this.once(collapsed.length > 0, 'labels/collapsed', () => collapse(collapsed), advice?.collapsed),
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
    return { said: [...this.said], dullEpochs: this.dullEpochs };
  }

  restore(snapshot: unknown): void {
    const { said, dullEpochs } = Seen.parse(snapshot);
    for (const code of said) this.said.add(code);
    this.dullEpochs = dullEpochs;
  }

  private once(due: boolean, code: string, message: () => string, hint: string | undefined): Warning[] {
    if (!due || this.said.has(code)) return [];
    this.said.add(code);
    return [{ type: 'warning', code, message: message(), ...(hint !== undefined && { hint }) }];
  }
}

function collapse(uses: readonly LabelUse[]): string {
  const named = uses
    .slice(0, limits.named)
    .map(
      ({ primaryClass, effectiveClasses, shares }) =>
        `"${primaryClass}" (${effectiveClasses.toFixed(2)} of ${shares.length} classes in use)`,
    );
  const more = uses.length - named.length;
  return `the auxiliary labels have collapsed in ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
