import { describe, expect, it } from '@jest/globals';
import { Catalog, type StageKind } from '../../core/plugins/index.js';
import { builtIn } from '../../plugins/built-in.js';
import { check, conformance, type StageCase } from '../../plugins/testing.js';

/** How a built-in stage is checked: its keys, and more where it needs another pipeline around it. */
export interface BuiltInCase extends Pick<StageCase, 'pipeline' | 'refuses' | 'runs'> {
  readonly keys?: Readonly<Record<string, unknown>>;
}

/** Runs the suite on every built-in stage of one kind, one or more cases each; a stage without one fails. */
export function checkBuiltIn(kind: StageKind, cases: Readonly<Record<string, readonly BuiltInCase[]>>): void {
  const catalog = new Catalog(builtIn);
  it('has a case for every built-in stage', () => {
    expect(Object.keys(cases).sort()).toEqual(catalog.names(kind).sort());
  });
  for (const [use, all] of Object.entries(cases)) {
    const { plugin } = catalog.find(kind, use)!;
    all.forEach(({ keys, ...given }, i) => {
      // Other settings of the same stage only keep its contract; one of them is enough for whole runs.
      const suite = conformance(kind, { plugin, stage: { use, ...keys }, runs: i === 0, ...given });
      check(suite, { describe, it });
    });
  }
}
