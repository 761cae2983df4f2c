import { readFileSync, writeFileSync } from 'node:fs';

/** What some work returned, and the most memory that the process held meanwhile. */
export interface Measured<T> {
  readonly result: T;
  /** Resident bytes, native memory included, beyond `base`. */
  readonly peakBytes: number;
}

/**
 * Measures the peak memory of synchronous work. Linux tells the peak since the work began; elsewhere it is that of the
 * whole process. The allocator keeps what earlier work freed, so take `base` before that work and measure one kind of work
 * in each process.
 * @param base resident bytes to count from; what the process holds now by default
 */
export function peakMemory<T>(work: () => T, base = residentMemory()): Measured<T> {
  const resettable = resetPeak();
  const result = work();
  const peak = resettable ? peakResident() : process.resourceUsage().maxRSS * 1024;
  return { result, peakBytes: Math.max(0, peak - base) };
}

export const residentMemory = (): number => process.memoryUsage.rss();

/** Starts the kernel's record of the peak anew; false where there is none. */
function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

const peakResident = (): number =>
  Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
