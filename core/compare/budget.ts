/** What every variant gets the same of, said of the total. */
export const budgets = {
  steps: (total: number) => `${total} updates of the main network for each`,
  batches: (total: number) => `${total} batches seen by each, those of its label network included`,
  time: (total: number) =>
    `${(total / 1000).toFixed(1)} s of training for each, by the time that an epoch took in a trial`,
} as const;
export type Budget = keyof typeof budgets;

/** What a variant's training takes of the budget. */
export interface Pace {
  /** Epochs that its pipeline asks for. */
  readonly epochs: number;
  readonly perEpoch: number;
  /** Before the first epoch: what labels take to prepare. */
  readonly before?: number;
}

/**
 * Epochs for each variant so that all spend the same: as much as the costliest one does in the epochs it asks for. Nobody
 * trains less than its pipeline says.
 */
export function fairEpochs(paces: readonly Pace[]): { readonly total: number; readonly epochs: readonly number[] } {
  const total = Math.max(...paces.map(({ epochs, perEpoch, before = 0 }) => before + epochs * perEpoch));
  const epochs = paces.map(({ perEpoch, before = 0 }) => Math.max(1, Math.round((total - before) / perEpoch)));
  return { total, epochs };
}
