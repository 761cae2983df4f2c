import { z } from 'zod';
import { ConfigError, type ConfigIssue } from '../errors/index.js';
import { nearest } from '../plugins/index.js';
import type { Level } from '../stages/index.js';
import type { Levels } from './levels.js';

/** Coarser classes by name, each with its members by name or index: `{ even: [0, 2, 4], odd: [1, 3, 5] }`. */
export const grouping = z.record(z.string(), z.array(z.union([z.string(), z.int().min(0)])).min(1));
export type Grouping = z.output<typeof grouping>;

/** A level with the class that each class of the base level belongs to. */
interface Partition {
  readonly name: string;
  readonly classes: readonly string[];
  readonly of: readonly number[];
}

/**
 * Levels out of data: the base level that the samples are labelled with, and one coarser level per grouping of its
 * classes. Each level's parent is the finest level it refines, on the way to `toward` where there is a choice.
 * @throws ConfigError where a base class is in no group or in two, two share a name, or a member is no class of the base level.
 */
export function hierarchy(
  base: Pick<Level, 'name' | 'classes'>,
  groupings: Readonly<Record<string, Grouping>>,
  toward?: string,
): Levels {
  const issues: ConfigIssue[] = [];
  if (new Set(base.classes).size < base.classes.length)
    issues.push({
      code: 'config/repeated-class',
      path: ['dataset', 'levels', base.name],
      message: repeated(base.classes),
    });
  const groups = Object.entries(groupings).map(([name, groups]) => partition(base, name, groups, issues));
  if (issues.length > 0) throw new ConfigError(issues);

  const coarseFirst = groups.sort((a, b) => a.classes.length - b.classes.length);
  const levels = [...coarseFirst, { ...base, of: base.classes.map((_, index) => index) }];
  const target = levels.find(({ name }) => name === toward);
  return Object.fromEntries(
    levels.map((level, index) => {
      const coarser = levels.slice(0, index).reverse();
      const refined = coarser.filter((other) => parents(level, other));
      const onTheWay = target && refined.find((other) => other === target || parents(other, target));
      const parent = onTheWay ?? refined[0];
      const { name, classes, of } = level;
      return [
        name,
        {
          name,
          classes,
          ...(parent && { parent: { level: parent.name, of: parents(level, parent)! } }),
          ...(name !== base.name && { derivedFrom: { level: base.name, of } }),
        },
      ];
    }),
  );
}

function partition(
  base: Pick<Level, 'name' | 'classes'>,
  name: string,
  groups: Grouping,
  issues: ConfigIssue[],
): Partition {
  const path = ['dataset', 'levels', name];
  const report = (message: string, ...rest: (string | number)[]) =>
    void issues.push({ code: 'config/grouping', path: [...path, ...rest], message });
  if (name === base.name) report(`is the name of the samples' own level; give the grouping another name`);

  const classes = Object.keys(groups);
  const of: number[] = [];
  for (const [group, members] of Object.values(groups).entries()) {
    for (const [position, member] of members.entries()) {
      const index = typeof member === 'number' ? member : base.classes.indexOf(member);
      const owner = of[index];
      if (base.classes[index] === undefined) report(unknownMember(base, member), classes[group]!, position);
      else if (owner === undefined) of[index] = group;
      else report(`class "${base.classes[index]}" is already in "${classes[owner]}"`, classes[group]!, position);
    }
  }
  for (const [index, label] of base.classes.entries())
    if (of[index] === undefined) report(`class "${label}" of level "${base.name}" is in no group`);
  return { name, classes, of };
}

function repeated(classes: readonly string[]): string {
  const second = classes.findIndex((name, index) => classes.indexOf(name) < index);
  return `classes ${classes.indexOf(classes[second]!)} and ${second} are both named "${classes[second]}"`;
}

function unknownMember({ name, classes }: Pick<Level, 'name' | 'classes'>, member: string | number): string {
  const range = `its indices are 0 to ${classes.length - 1}`;
  if (typeof member === 'number') return `no class ${member} in level "${name}"; ${range}`;
  const close = nearest(member, classes);
  return `no class "${member}" in level "${name}"; ${close === undefined ? range : `the nearest is "${close}"`}`;
}

/** The coarse class of each fine class, where every fine class lies inside one. */
function parents(fine: Partition, coarse: Partition): readonly number[] | undefined {
  const of: number[] = [];
  for (const [base, child] of fine.of.entries()) {
    const parent = coarse.of[base]!;
    if ((of[child] ??= parent) !== parent) return undefined;
  }
  return of;
}
