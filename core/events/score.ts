/** What a task is scored by, and how that is written; more is better. */
export class ScoreKind {
  /** @param percent a share that is written in %; else a plain number */
  constructor(
    readonly name: string,
    readonly percent: boolean,
  ) {}

  /** `97.5%`, or `0.975`: a plain number has two digits more, which is as exact. */
  write(score: number, digits = 1): string {
    return `${this.number(score, digits)}${this.percent ? '%' : ''}`;
  }

  /** `97.50`, or `0.9750`: where the unit is said elsewhere. */
  number(score: number, digits = 2): string {
    return this.percent ? (100 * score).toFixed(digits) : score.toFixed(digits + 2);
  }

  /** What differences of it are in. */
  get points(): string {
    return this.percent ? 'percentage points' : this.name;
  }
}

/** The share of samples whose class is predicted, 0 to 1. */
export const accuracy = new ScoreKind('accuracy', true);

/** The share of the target's variance that is explained, 1 - SSres / SStot; below 0 where the mean predicts better. */
export const rSquared = new ScoreKind('R²', false);

export interface Score {
  readonly kind: ScoreKind;
  readonly value: number;
}

/** How the primary task did; a classification and a regression each have their own. */
export interface PrimaryScores {
  /** Share of the samples whose primary class was predicted, 0 to 1. */
  readonly primaryAccuracy?: number;
  /** Share of the target's variance that was explained, at most 1. */
  readonly primaryR2?: number;
}

/** The one score that is there. */
export const scoreOf = ({ primaryAccuracy, primaryR2 }: PrimaryScores): Score =>
  primaryR2 === undefined ? { kind: accuracy, value: primaryAccuracy! } : { kind: rSquared, value: primaryR2 };

/** The score on the validation split, where there is one. */
export function validationScore({ validationAccuracy, validationR2 }: ValidationScores): Score | undefined {
  if (validationAccuracy === undefined && validationR2 === undefined) return undefined;
  return scoreOf({ primaryAccuracy: validationAccuracy, primaryR2: validationR2 });
}

/** The same of the validation split. */
export interface ValidationScores {
  readonly validationAccuracy?: number;
  readonly validationR2?: number;
}
