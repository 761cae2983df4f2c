import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server treats one path. */
export interface Served {
  readonly bytes: Uint8Array;
  /** Bytes after which the 1st, 2nd, ... connection is broken; later ones are not. */
  readonly cuts?: number[];
  /** Whether it understands Range; it does by default. */
  readonly ranges?: boolean;
  /** Tells no length, so that a broken connection looks like the end. */
  readonly lengthless?: boolean;
  /** Keeps the connection open after so many bytes. */
  readonly stallAfter?: number;
}

/** A local server that can misbehave. `requests` notes the path and range of each. */
export class FileServer implements AsyncDisposable {
  readonly files = new Map<string, Served | { readonly redirect: string } | { readonly status: number }>();
  readonly requests: string[] = [];
  private readonly server = createServer((request, response) => this.answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    this.requests.push(headers.range === undefined ? url : `${url} ${headers.range}`);
    const found = this.files.get(url) ?? { status: 404 };
    if ('status' in found) response.writeHead(found.status).end('nothing here');
    else if ('redirect' in found) response.writeHead(302, { location: found.redirect }).end();
    else this.send(found, headers.range, response);
  }

  private send(
    { bytes, cuts = [], ranges = true, lengthless, stallAfter }: Served,
    range: string | undefined,
    response: ServerResponse,
  ) {
    const start = ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
    if (start > 0 && start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const rest = bytes.subarray(start);
    if (lengthless) {
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
    } else response.setHeader('content-length', rest.length);
    if (start > 0) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(start > 0 ? 206 : 200);
    const cut = cuts.shift();
    if (cut !== undefined) {
      response.write(rest.subarray(0, cut));
      setTimeout(() => response.socket?.end(), 50);
    } else if (stallAfter !== undefined) response.write(rest.subarray(0, stallAfter));
    else response.end(rest);
  }
}
