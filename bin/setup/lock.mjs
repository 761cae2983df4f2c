import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interruption } from './command.mjs';

/**
 * Runs `work` while no other process holds the lock of `folder`. The lock is a listening socket, so the system
 * releases it when its owner dies, and a waiting process wakes at once.
 *
 * @template T
 * @param {string} folder
 * @param {() => void} onWait - called when another process holds the lock
 * @param {() => Promise<T>} work
 */
export async function withLock(folder, onWait, work) {
  const address = socketAddress(folder);
  let server = await listen(address);
  if (!server) onWait();
  while (!server) {
    await released(address);
    interruption.signal.throwIfAborted();
    server = await listen(address);
  }
  try {
    return await work();
  } finally {
    server.close();
    server.closeClients();
  }
}

/** @param {string} folder */
function socketAddress(folder) {
  const name = `auxflow-setup-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** @param {string} address */
function listen(address) {
  return new Promise((resolve, reject) => {
    /** @type {import('node:net').Socket[]} */
    const clients = [];
    const closeClients = () => clients.forEach((client) => client.destroy());
    const server = createServer((client) => clients.push(client.on('error', () => {})));
    server.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(Object.assign(server, { closeClients })));
  });
}

/**
 * Resolves when whoever listens there stops. A socket file that nobody listens on (macOS, after a crash) is removed.
 *
 * @param {string} address
 */
function released(address) {
  return new Promise((resolve) => {
    const socket = connect({ path: address, signal: interruption.signal });
    socket.on('error', async (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'ECONNREFUSED' && !address.startsWith('\0')) await unlink(address).catch(() => {});
    });
    socket.on('close', () => resolve(undefined));
    socket.resume();
  });
}
