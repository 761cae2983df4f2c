import type { ResolvedPipeline } from '../config/index.js';
import { ConfigError, type ConfigIssue } from '../errors/index.js';
import { survey, type Survey } from './survey.js';
import { trialId } from './trial.js';
import { refuseSameLabels, type Variant } from './variant.js';

/** Loads the compared pipeline with changes of the form `epochs=5`. */
export type Load = (set: readonly string[]) => Promise<ResolvedPipeline>;

/** A variant that can be run: `set` holds all its changes. */
export interface Contestant extends Variant {
  /** Whether every comparison carries it along. */
  readonly control: boolean;
  readonly pipeline: ResolvedPipeline;
  readonly survey: Survey;
}

export interface Entry {
  readonly load: Load;
  /** Carried along; the other variants are compared to them. */
  readonly controls: readonly Variant[];
  readonly variants: readonly Variant[];
  /** The meta-step of strategies that learn nothing, as of `--set`. */
  readonly idle?: string;
  /** Whether to test what validation selects, where there is a validation split. */
  readonly select: boolean;
  readonly note: (line: string) => void;
}

/**
 * Builds every variant once. A control that is the same as one before it, or whose loss isn't for the task, is left out, and said
 * to be.
 * @throws ConfigError naming the variant that can't be built.
 */
export async function contestants({ controls, variants, note, ...entry }: Entry): Promise<Contestant[]> {
  const isControl = (variant: Variant): boolean =>
    controls.some(({ label, set }) => label === variant.label && set.join() === variant.set.join());
  const others = variants.filter((variant) => !isControl(variant));
  refuseSameLabels([...controls, ...others]);

  const all: Contestant[] = [];
  for (const control of controls) {
    const contestant = await enterControl(control, entry, note);
    if (!contestant) continue;
    const same = all.find(({ pipeline }) => trialId(pipeline) === trialId(contestant.pipeline));
    if (same) note(`${control.label} is left out: here it is the same as ${same.label}`);
    else all.push(contestant);
  }
  for (const variant of others) all.push(await enter(variant, false, entry));
  refuseTwoScores(all);
  if (entry.select && all.every(({ survey: { validationSamples } }) => validationSamples === 0))
    note('there are no validation samples (dataset.validation), so no epoch could be selected by them');
  return all;
}

async function enterControl(
  control: Variant,
  entry: Parameters<typeof enter>[2],
  note: Entry['note'],
): Promise<Contestant | undefined> {
  try {
    return await enter(control, true, entry);
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'loss/other-task') throw error;
    note(`${control.label} is left out: ${error.issues[0]!.message}`);
    return undefined;
  }
}

/** An accuracy and an R2 don't compare. */
function refuseTwoScores(all: readonly Contestant[]): void {
  const first = all[0]?.survey.scoredBy;
  const other = all.find(({ survey: { scoredBy } }) => scoredBy !== first);
  if (!other) return;
  throw ConfigError.of(
    'compare/two-scores',
    [],
    `${all[0]!.label} is scored by ${first!.name}, but ${other.label} by ${other.survey.scoredBy.name}`,
    'Compare variants of one primary task.',
  );
}

async function enter(
  { label, set }: Variant,
  control: boolean,
  { load, idle, select }: Pick<Entry, 'load' | 'idle' | 'select'>,
): Promise<Contestant> {
  const attempt = async (changes: readonly string[]): Promise<Contestant> => {
    const pipeline = await load(changes);
    return { label, control, set: changes, pipeline, survey: await survey(pipeline) };
  };
  try {
    let entered = await attempt(set);
    if (entered.survey.idle !== undefined && idle !== undefined) entered = await attempt([...entered.set, idle]);
    if (!select || entered.survey.validationSamples === 0) return entered;
    const changes = ['evaluation.select=validation', ...entered.set];
    return { ...entered, set: changes, pipeline: await load(changes) };
  } catch (error) {
    throw error instanceof ConfigError ? ofVariant(label, error) : error;
  }
}

/** The same faults, said of the variant: changes that it makes are none that anyone has typed after --set. */
const ofVariant = (label: string, { issues, hint, cause }: ConfigError): ConfigError =>
  new ConfigError(
    issues.map((issue) => ({ ...issue, where: [label, placeOf(issue)].filter(Boolean).join(', ') })),
    { hint, cause },
  );

const placeOf = ({ where, path }: ConfigIssue): string | undefined =>
  where?.startsWith('--set ') && `${path.join('.')}.`.startsWith(`${where.slice('--set '.length)}.`)
    ? undefined
    : where;
