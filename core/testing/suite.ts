/** One property that a contract asks for; `run` throws or rejects, saying why, where it doesn't hold. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What a contract asks of one stage, for any test runner. The checks count tensors, so they run one after the other. */
export interface Suite {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** `describe` and `it`, as node:test, jest and others have them. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * Hands a suite to a test runner, one test per check.
 * @example check(conformance('loss', { plugin, stage: { use: 'brier' } }), { describe, it })
 */
export const check = ({ name, checks }: Suite, { describe, it }: TestRunner): void =>
  void describe(name, () => {
    for (const { name, run } of checks) it(name, () => run());
  });

/** Runs a suite without a test runner: what each failed check says, by its name. */
export async function failures({ checks }: Suite): Promise<Readonly<Record<string, string>>> {
  const failed: Record<string, string> = {};
  for (const { name, run } of checks) {
    await run().catch((error: unknown) => {
      failed[name] = error instanceof Error ? error.message : String(error);
    });
  }
  return failed;
}
