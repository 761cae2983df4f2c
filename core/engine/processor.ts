import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** A kind of processor, as far as the engine chooses its kernels by it. */
export interface Processor {
  readonly model: string;
  /** Vector instructions such as `avx2` and `avx512f`, sorted; absent where the system doesn't tell. */
  readonly vectors?: readonly string[];
}

/** This machine's. Linux alone tells the instructions without asking another program. */
export function processor(): Processor {
  const vectors = flags().filter((flag) => /^(avx|fma|f16c|amx|asimd|sve|bf16)/.test(flag));
  return { model: cpus()[0]?.model.trim() ?? 'unknown', ...(vectors.length > 0 && { vectors: vectors.sort() }) };
}

function flags(): string[] {
  const file = '/proc/cpuinfo';
  if (!existsSync(file)) return [];
  const [, listed = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return listed.trim().split(/\s+/);
}
