import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';

/** What a comparison folder's `result.json` says of its runs. */
const Comparison = z.object({
  directory: z.string(),
  controls: z.array(z.string()),
  variants: z.array(
    z.object({
      label: z.string(),
      trials: z.array(z.object({ directory: z.string(), peakBytes: z.number().optional() })),
      peakBytes: z.object({ mean: z.number() }).optional(),
      missing: z.array(z.object({ seed: z.number(), reason: z.string() })).default([]),
    }),
  ),
});

/** A run folder, and what the comparison that it belongs to calls it. */
export interface FoundRun {
  /** Absolute. */
  readonly folder: string;
  readonly label?: string;
  /** The others are compared with it. */
  readonly control?: boolean;
  /** Most memory that its process held; the mean over seeds where no more is known. */
  readonly peakBytes?: number;
}

/**
 * The runs that a comparison counts, which leaves out those that only searched for settings, and what is missing; wherever
 * the folder has been moved to.
 * @returns `undefined` where `folder` isn't a comparison's
 */
export async function readComparison(
  folder: string,
): Promise<{ readonly runs: readonly FoundRun[]; readonly missing: readonly string[] } | undefined> {
  const text = await readFile(join(folder, 'result.json'), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : Comparison.safeParse(json(text));
  if (!parsed?.success) return undefined;
  const { directory, controls, variants } = parsed.data;
  return {
    runs: variants.flatMap(({ label, trials, peakBytes: ofAll }) =>
      trials.map((trial) => {
        const peakBytes = trial.peakBytes ?? ofAll?.mean;
        return {
          folder: resolve(folder, relative(directory, trial.directory)),
          label,
          control: controls.includes(label),
          ...(peakBytes !== undefined && { peakBytes }),
        };
      }),
    ),
    missing: variants.flatMap(({ label, missing }) =>
      missing.map(({ seed, reason }) => `${label} has no run of seed ${seed}: ${reason}`),
    ),
  };
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
