import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const status = '/proc/self/status';

/** Resident memory in bytes, now (`VmRSS`) or at its peak (`VmHWM`); `undefined` where the system doesn't tell. */
export function resident(/** @type {'VmRSS' | 'VmHWM'} */ key) {
  if (!existsSync(status)) return undefined;
  const [, kilobytes] = new RegExp(`^${key}:\\s*(\\d+) kB`, 'm').exec(readFileSync(status, 'latin1')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Lets the peak begin anew at what is resident now. */
export function resetPeak() {
  if (existsSync(status)) writeFileSync('/proc/self/clear_refs', '5');
}
