import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Where code doesn't parse, as `FILE:LINE`: as its error says, which for ES modules says nothing, else as Node's own check of
 * `file` does.
 * @returns `undefined` for any other error, and where neither knows
 */
export function syntaxPlace(error: unknown, file: string): string | undefined {
  const { name, stack } = (error ?? {}) as { readonly name?: unknown; readonly stack?: unknown };
  if (name !== 'SyntaxError') return undefined;
  return placeIn(String(stack)) ?? placeIn(spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' }).stderr);
}

/** Node writes the place, the line of code and a mark above the message. */
function placeIn(text: string): string | undefined {
  const [, file, line] = /^(.+):(\d+)\n/.exec(text) ?? [];
  return file && `${file.startsWith('file:') ? fileURLToPath(file) : file}:${line}`;
}
