import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where `auxflow data fetch` puts a dataset's files and its plugin looks for them: `~/.cache/auxflow/data/NAME`, under
 * `$XDG_CACHE_HOME` instead of `~/.cache`, or `$AUXFLOW_DATA/NAME`.
 */
export const dataFolder = (name: string, env: Readonly<Record<string, string | undefined>> = process.env): string =>
  resolve(env['AUXFLOW_DATA'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'auxflow', 'data'), name);
