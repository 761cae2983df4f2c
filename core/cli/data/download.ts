import { open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { DataError } from '../../errors/index.js';
import type { DataFile } from '../../plugins/index.js';
import { checksumOf } from './checksum.js';

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Hears of bytes that have arrived so far, earlier ones included, and how many there will be if that is known. */
  readonly progress: (bytes: number, total: number | undefined) => void;
}

/** A connection that broke after it had answered. */
class Cut extends DataError {}

const attempts = 5;

/**
 * Fetches a file to `partial`, going on after the bytes that are there already where a checksum can tell in the end whether
 * they belong to it. A broken connection is taken up again a few times.
 * @returns whether some of the bytes were there before.
 * @throws DataError for a server that can't be reached, refuses or breaks off; what has arrived stays. Disk errors are Node's own.
 */
export async function download(file: DataFile, partial: string, options: DownloadOptions): Promise<boolean> {
  let resumed = false;
  for (let attempt = 1; ; attempt++) {
    try {
      resumed = (await receive(file, partial, options)) || resumed;
      return resumed;
    } catch (error) {
      if (!(error instanceof Cut) || attempt === attempts) throw error;
      resumed = true;
      await wait(200 * attempt, undefined, { signal: options.signal });
    }
  }
}

async function receive(file: DataFile, partial: string, { signal, progress }: DownloadOptions): Promise<boolean> {
  const { url, bytes } = file;
  const before = checksumOf(file) ? await sizeOf(partial) : 0;
  if (before > 0 && before === bytes) return true;
  const response = await request(url, before, signal);
  // Nothing follows these bytes: they are all, or too many.
  if (response.status === 416 && before > 0) return true;
  const resumed =
    response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${before}-`) === true;
  if (!resumed && response.status !== 200) {
    await response.body?.cancel();
    throw new DataError('data/http', `${url}: the server answers ${response.status} ${response.statusText}`.trimEnd());
  }
  const length = response.headers.get('content-length');
  let arrived = resumed ? before : 0;
  const total = bytes ?? (length === null ? undefined : arrived + Number(length));

  await using handle = await open(partial, resumed ? 'a' : 'w');
  for await (const chunk of body(response, url, signal)) {
    await handle.appendFile(chunk);
    progress((arrived += chunk.length), total);
    if (bytes !== undefined && arrived > bytes) break;
  }
  await handle.sync();
  // Without a length a connection that broke looks like one that ended.
  if (length === null && bytes !== undefined && arrived < bytes) throw cut(url, arrived);
  return resumed;
}

async function request(url: string, from: number, signal: AbortSignal): Promise<Response> {
  const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) };
  try {
    return await fetch(url, { signal, headers });
  } catch (cause) {
    signal.throwIfAborted();
    throw new DataError('data/unreachable', `${url}: ${reason(cause)}`, { cause });
  }
}

async function* body(response: Response, url: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  let arrived = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      arrived += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw cut(url, arrived, cause);
  }
}

const cut = (url: string, arrived: number, cause?: unknown): Cut =>
  new Cut('data/cut', `${url}: the connection broke after ${arrived} bytes, again and again`, { cause });

/** What lies under all the causes of an error; `fetch` says no more itself than that it failed. */
function reason(error: unknown): string {
  const { cause, message, code } = error as Partial<NodeJS.ErrnoException>;
  return cause ? reason(cause) : message || code || String(error);
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size;
